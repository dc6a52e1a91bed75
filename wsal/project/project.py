"""Project: the one place where the loop closes. Wiring only: every step is another room's work."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path

from wsal.analysis import LFAnalysis, TrustReport, trust_report
from wsal.audit import (
    AnswerGiven,
    AnswerUndone,
    DataLoaded,
    Exported,
    ItemsReturned,
    ItemsSetApart,
    Outcome,
    RuleRef,
    RulesLoaded,
    RunApplied,
    VerificationReport,
)
from wsal.config import Config, find_config, read_config
from wsal.engines import DirectoryCache, apply
from wsal.errors import InputError, did_you_mean
from wsal.estimation import StopRules
from wsal.evidence import explain
from wsal.features import FeatureMatrix, build_features
from wsal.items import Items, read_items
from wsal.label_models import LabelModel
from wsal.labels import SoftLabels, TiePolicy
from wsal.lf import LabelingFunction
from wsal.project.answers_file import read_answers_file, without_known
from wsal.project.aside import standing_of
from wsal.project.certifying import certify
from wsal.project.choosing import project_chooser, require_strategy
from wsal.project.create import write_demo, write_example, write_project
from wsal.project.cross_fitting import OnFold
from wsal.project.dry_run import SAMPLE, DryRun, RuleEdit
from wsal.project.duplicates import (
    duplicate_of,
    duplicate_report,
    feature_settings,
    find_in_project,
    read_duplicates,
)
from wsal.project.estimates import Certification, Estimates
from wsal.project.estimating import estimate, record
from wsal.project.export import overlay_answers, write_labels
from wsal.project.fitting import balance_note, read_fit, read_trust, write_fit
from wsal.project.history import History
from wsal.project.people import annotators_of, contradicted_answers, second_opinions
from wsal.project.reports import (
    Annotators,
    ApplyRun,
    AsideItem,
    CheckReport,
    Contradicted,
    DuplicateReport,
    Export,
    FitRun,
    ImportReport,
    RuleRow,
    Status,
    Task,
    Why,
)
from wsal.project.rule_changes import changed_rules
from wsal.project.rules import check_rules, load_packs, require_columns, rule_version
from wsal.project.searching import OutlierReport, SearchReport, SubPool, outlier_report, search_report
from wsal.project.standing import apply_run, fit_run, rule_rows, status_of
from wsal.project.stopping import Stopping, stopping
from wsal.project.tasks import as_batch_drawn, fields_of, tasks_of
from wsal.selection import Batch
from wsal.selection.pool import Pool
from wsal.selection.queue import batch_of
from wsal.store import RUNS, open_store, verify_store, write_votes
from wsal.training import Delivered, deliver
from wsal.types import ItemId, Rng
from wsal.votes import VoteMatrix

__all__ = ["Project", "verify_project"]


class Project:
    """A folder with ``wsal.toml``, rules, data and ``.wsal/``; get one from `open` or `create`.

    Parameters
    ----------
    config : Config
    history : History
    """

    def __init__(self, config: Config, history: History) -> None:
        self.config = config
        self.history = history
        self._last: tuple[str, Delivered] | None = None

    # Making and opening

    @classmethod
    def open(cls, folder: str | Path = ".") -> Project:
        """Open the project that a folder is in; its store is made where there is none yet.

        Raises
        ------
        ConfigError
            There is no project, or its settings are wrong.
        StoreError
            The store cannot be opened.
        """
        config = read_config(find_config(Path(folder)))
        require_strategy(config)
        # Where there are runs there was a store: a new one in its place would hide that it is gone.
        new = not (config.folder / RUNS).exists()
        return cls(config, History(config, open_store(config.store_url, root=config.folder, create=new)))

    @classmethod
    def create(
        cls,
        folder: str | Path,
        *,
        data: str | Path,
        labels: Sequence[str],
        text: str | None = None,
        id_column: str | None = None,
    ) -> Project:
        """Make a project for one's own data, with one example of a rule.

        Raises
        ------
        InputError
            The folder holds a project already, the data cannot be read, or the labels are no labels.
        """
        write_project(Path(folder), data=Path(data), labels=labels, text=text, id_column=id_column)
        return cls.open(folder)

    @classmethod
    def create_example(cls, folder: str | Path) -> Project:
        """Make the small example: text messages, ham or spam."""
        write_example(Path(folder))
        return cls.open(folder)

    @classmethod
    def create_demo(cls, folder: str | Path, *, force: bool = False) -> tuple[Project, Mapping[str, str]]:
        """Make the demo and return it with the gold label of each item, which no file of it holds."""
        gold = write_demo(Path(folder), force=force)
        return cls.open(folder), gold

    # What the steps work on

    @cached_property
    def items(self) -> Items:
        """The data, read once."""
        config = self.config
        return read_items(config.data_path, id_column=config.id_column, text=config.text_column)

    @cached_property
    def features(self) -> FeatureMatrix | None:
        """The features that the settings name; None where they name none."""
        settings = feature_settings(self.config)
        return build_features(self.items, settings) if settings else None

    def labeling_functions(self, *, allow_python: bool = True) -> list[LabelingFunction]:
        """Load the rules that the settings name."""
        return load_packs(self.config, allow_python=allow_python)

    def votes(self, run_id: str | None = None) -> VoteMatrix:
        """Read the votes of a run of `apply`; of the last one where none is named."""
        return self.history.votes(run_id)

    def soft_labels(self, run_id: str | None = None) -> SoftLabels:
        """Read the labels of a run of `fit`; of the last one where none is named."""
        return self.history.soft_labels(run_id)

    # The steps of the loop

    def check(self, *, allow_python: bool = True) -> CheckReport:
        """Check settings, data and rules, and run the tests of the rules."""
        return check_rules(self.config, self.items, allow_python=allow_python)

    def apply(
        self,
        *,
        fault_tolerant: bool = False,
        allow_python: bool = True,
        progress: bool = False,
        workers: int = 1,
    ) -> ApplyRun:
        """Let every rule vote on every item; columns that nothing changed come from the cache."""
        items, lfs = self.items, self.labeling_functions(allow_python=allow_python)
        require_columns(lfs, items, self.config.data_path)
        votes = apply(
            lfs,
            items,
            labels=self.config.labels,
            fault_tolerant=fault_tolerant,
            progress=progress,
            cache=self._cache,
            workers=workers,
        )
        run = self.history.new_run("run_applied")
        applied = RunApplied(
            run,
            write_votes(votes, root=self.config.folder, run=run),
            tuple(RuleRef(*pair) for pair in zip(votes.lf_names, votes.lf_fingerprints, strict=True)),
            items.fingerprint,
            votes.n_items,
            votes.n_lfs,
            votes.patterns().n_patterns,
            LFAnalysis(votes).coverage,
        )
        path = self.history.name_of(self.config.data_path)
        self.history.append(
            RulesLoaded(tuple(rule_version(lf) for lf in lfs)),
            DataLoaded(path, items.fingerprint, items.n_items),
            applied,
        )
        failures = tuple(
            f"{f.lf_name} raised on {f.count} items and abstained there; first on {f.first_item!r}: "
            f"{f.first_traceback.strip().splitlines()[-1]}"
            for f in votes.failures
        )
        return apply_run(run, votes, (*items.notes, *failures))

    def dry_run(
        self, rule: str, *, allow_python: bool = True, progress: bool = False, sample: int = SAMPLE
    ) -> Iterator[DryRun]:
        """Yield what a rule as it is now written would change since the last `apply`: in a sample, then in all.

        Nothing is saved, but for votes in the cache, which the next `apply` then need not compute.

        Raises
        ------
        InputError
            There is no such rule, a rule cannot be used, nothing was applied yet, or the data changed since.
        """
        applied = self.history.run("run_applied").payload
        self._require_same_data(applied)
        lfs = self.labeling_functions(allow_python=allow_python)
        edit = RuleEdit(rule, self.votes(applied.run), applied, lfs)
        require_columns([*edit.own, *edit.referring], self.items, self.config.data_path)
        human, _ = self.history.human(edit.before)
        yield from edit.runs(self.items, human, cache=self._cache, progress=progress, sample=sample)

    def fit(self) -> FitRun:
        """Turn the votes of the last `apply` and all answers into soft labels."""
        applied = self.history.run("run_applied")
        self._require_same_data(applied.payload)
        changed = changed_rules(self.config, applied.payload)
        seq = self.history.store.head().seq
        votes = self.votes(applied.run)
        human, gone = self.history.human(votes, as_of=seq)
        found = find_in_project(self.items, self.history)
        groups = None if found is None else found.groups
        counted = human if groups is None else groups.counted_once(human)
        balance = self.config.class_balance
        model = LabelModel().fit(votes, human=counted, class_balance=balance)
        delivered = deliver(votes, model, human=human, features=self.features, duplicates=groups)
        trust = None
        if votes.patterns().covered.any():
            trust = trust_report(votes, model, counted, class_balance=None if balance == "audit" else balance)
        fitted = write_fit(
            delivered,
            model,
            trust,
            history=self.history,
            votes_run=applied.run,
            answers_seq=seq,
            duplicates=found,
        )
        self.history.append(fitted)
        self._last = (fitted.run, delivered)
        return fit_run(fitted, delivered.soft, trust, (*changed, *gone, *balance_note(model)))

    def tasks(
        self,
        n: int = 10,
        *,
        new: bool = False,
        hunt: Sequence[str] = (),
        strategy: str | None = None,
        within: SubPool | None = None,
        rng: Rng = None,
    ) -> tuple[Task, ...]:
        """Return what is open, or draw a new batch of n items where nothing is (or ``new`` asks for it).

        Raises
        ------
        InputError
            A label to hunt for, or the strategy (that of the settings, unless named), does not exist; the
            sub-pool cannot be made, or the strategy knows none; or nothing was fitted yet.
        """
        choose = project_chooser(self.config, strategy, hunt, within=bool(within))
        waiting = () if new else self._tasks()
        if waiting:
            return waiting
        described: tuple[str, ...] = ()
        if within:
            choose = partial(choose, within=within.mask(self._delivered().votes, self.items, self.features))
            described = within.describe()
        return self._tasks(self._draw_batch(n, choose, hunt=hunt, within=described, rng=rng))

    def search(
        self, words: str = "", *, like: Sequence[str] = (), most: int = 20, only_open: bool = False
    ) -> SearchReport:
        """Rank items by how much they resemble words or examples; see `wsal.features.search`.

        Raises
        ------
        InputError
            Nothing to search for or in, an unknown example, or words that stand nowhere.
        """
        return search_report(
            self.items, self.features, self.history, words=words, like=like, most=most, only_open=only_open
        )

    def queue(self, items: Sequence[ItemId], *, why: str, hunt: str | None = None) -> tuple[Task, ...]:
        """Put items into the labelling queue, those that wait, are answered or are duplicates of such left out.

        Raises
        ------
        InputError
            The label hunted for is no class of the task, or nothing was fitted yet.
        """
        delivered, hunted = self._delivered(), None if hunt is None else self.config.labels.index(hunt)
        human, _ = self.history.human(delivered.votes)
        closed = {d.item for d in self.history.open_draws()} | {a.item_id for a in self.aside()}
        pool = Pool.of(delivered.votes, delivered, human=human, features=delivered.features, exclude=closed)
        rows = [delivered.votes.row_of(item) for item in items]
        batch = batch_of(pool, rows, reason=f"found by search for {why}", hunted=hunted)
        if not len(batch):
            return ()
        drawn = as_batch_drawn(batch, run=self.history.run("run_fitted").run)
        self.history.append(drawn)
        return self._tasks(drawn.batch)

    def answer(  # all that the ledger keeps of an answer
        self,
        task: Task,
        label: str | None,
        *,
        annotator: str,
        outcome: Outcome = "label",
        rationale: str = "",
        hints_shown: bool = False,
        seconds: float | None = None,
    ) -> str:
        """Keep a person's answer to a task; it is on disk when this returns the id to undo it by.

        Raises
        ------
        InputError
            The label is no class of the task.
        """
        if label is not None:
            self.config.labels.index(label)
        answer = AnswerGiven(
            str(uuid.uuid4()),
            task.item_id,
            outcome,
            annotator,
            label=label,
            shown_sha256=task.shown_sha256,
            purpose=task.purpose,
            draw_id=task.draw_id,
            rationale=rationale,
            hints_shown=hints_shown,
            seconds=seconds,
        )
        self.history.append(answer, actor=annotator)
        return answer.event_id

    def undo(self, event_id: str, *, annotator: str) -> None:
        """Take an answer back; it stays in the ledger."""
        self.history.append(AnswerUndone(str(uuid.uuid4()), event_id), actor=annotator)

    def undo_last(self, annotator: str) -> Task | None:
        """Take back the last answer of a person to a task, and return the task; None where there is none."""
        last = self.history.last_answer(annotator)
        if last is None:
            return None
        self.undo(last.event_id, annotator=annotator)
        return next((task for task in self._tasks() if task.draw_id == last.draw_id), None)

    def import_answers(self, path: str | Path, *, annotator: str = "") -> ImportReport:
        """Read answers from a file: all of them or, if anything is wrong, none."""
        read, notes = read_answers_file(Path(path), self.items, self.config.labels, annotator=annotator)
        new = without_known(read, self.history.store.answers())
        if new.answers:
            self.history.append(new)
        return ImportReport(len(new.answers), len(read.answers) - len(new.answers), notes)

    def export(
        self,
        path: str | Path,
        *,
        format_: str | None = None,
        ties: TiePolicy = "abstain",
        force: bool = False,
    ) -> Export:
        """Write the labels of the last `fit` to a file; answers that came after it are in it."""
        run = self.history.run("run_fitted")
        human, notes = self.history.human(self.votes(run.payload.votes_run))
        made = self.soft_labels(run.run)
        kept = read_duplicates(run.payload, made.item_ids, history=self.history)
        groups = None if kept is None else kept.groups
        soft, n_newer = overlay_answers(made, human, groups)
        if n_newer:
            notes = (*notes, f"{n_newer} labels follow answers newer than run {run.run}: run `wsal fit`")
        file = write_labels(
            Path(path),
            soft,
            run=run.run,
            format_=format_,
            ties=ties,
            force=force,
            duplicate_of={} if groups is None else duplicate_of(soft, groups),
        )
        n_items = len(soft.item_ids)
        name = self.history.name_of(file.path)
        self.history.append(Exported(run.run, name, file.sha256, file.format, n_items))
        return Export(str(path), file.format, run.run, n_items, file.sha256, notes)

    # Reading

    def rules(self) -> tuple[RuleRow, ...]:
        """Return the rules of the last `apply` with what they do and how answers agree with them."""
        votes = self.votes()
        return rule_rows(votes, self.history.human(votes)[0], self.history.store.rules())

    def why(self, item: str) -> Why:
        """Explain the label of an item by the last `fit`, with the answers up to that run."""
        run, (row, item_id) = self.history.run("run_fitted"), self._find(item)
        delivered = self._delivered()
        evidence = explain(delivered.votes, delivered.model, item_id, delivered=delivered)
        copied_from = delivered.copied_from(delivered.votes.row_of(item_id))
        asked = set(copied_from or (item_id,))
        then, now = (
            tuple(a for a in self.history.store.answers(as_of=seq) if a.item in asked and a.label is not None)
            for seq in (run.payload.answers_seq, None)
        )
        notes = () if then == now else (f"the answers to {item} changed after run {run.run}: run `wsal fit`",)
        return Why(evidence, then, fields_of(self.items, row), run.run, notes, copied_from)

    def duplicates(self, *, threshold: float | None = None) -> DuplicateReport:
        """Return the groups of duplicates that the next `fit` will use, or those of another threshold."""
        found = find_in_project(self.items, self.history, threshold=threshold)

        def text(row: int) -> str:
            return str(next(iter(fields_of(self.items, row).values()), ""))

        return duplicate_report(found, self.history, items=self.items, text=text)

    def set_apart(self, items: Sequence[str], *, apart: bool = True) -> tuple[ItemId, ...]:
        """Say that items are no duplicates of others, or take that back; the next `fit` follows.

        Raises
        ------
        InputError
            An item is unknown, or no duplicate of any (none that was set apart, where that is taken back).
        """
        ids = tuple(dict.fromkeys(self._find(item)[1] for item in items))
        found = find_in_project(self.items, self.history)
        known = set(found.apart) if found is not None else set()
        for item in ids:
            row = self._find(str(item))[0]
            if apart and (found is None or found.groups.sizes[row] < 2):
                raise InputError(
                    f"item {item} has no duplicates", hint="`wsal duplicates` lists those that have"
                )
            if not apart and item not in known:
                raise InputError(
                    f"item {item} was not set apart", hint="`wsal duplicates` lists those that were"
                )
        self.history.append(ItemsSetApart(ids, apart))
        return ids

    def aside(self) -> tuple[AsideItem, ...]:
        """Return the items that are not asked for, because nobody could label them, with who said so."""
        return standing_of(self.history).aside

    def outliers(self) -> OutlierReport:
        """Return the items that lie alone; they are asked for later, and drawn by the audit like all others."""
        return outlier_report(self.items, self.features, self.history)

    def put_back(self, items: Sequence[str]) -> tuple[ItemId, ...]:
        """Let items that were set aside be asked for again.

        Raises
        ------
        InputError
            An item is unknown, or was not set aside.
        """
        ids = tuple(dict.fromkeys(self._find(item)[1] for item in items))
        there = {a.item_id for a in self.aside()}
        for item in ids:
            if item not in there:
                raise InputError(f"item {item} is not set aside", hint="`wsal aside` lists those that are")
        self.history.append(ItemsReturned(ids))
        return ids

    def trust(self) -> TrustReport:
        """Return the trust report of the last `fit`.

        Raises
        ------
        InputError
            There is none: nothing was fitted yet, no rule voted, or an older wsal made the run.
        """
        run = self.history.run("run_fitted")
        report = read_trust(run.payload, history=self.history)
        if report is None:
            raise InputError(
                f"run {run.run} holds no trust report: no rule voted, or an older wsal made it",
                hint="run `wsal fit` again",
            )
        return report

    def estimate(
        self,
        *,
        missed: Sequence[str] = (),
        within: Sequence[str] = (),
        level: float = 0.95,
        on_fold: OnFold | None = None,
    ) -> Estimates:
        """Estimate how good rules, labels and pre-filters are, and keep it; see `wsal.project.estimating.estimate`."""
        run = self.history.run("run_fitted")
        self._require_same_data(self.history.run("run_applied", run.payload.votes_run).payload)
        seq = self.history.store.head().seq
        found = estimate(
            self.history, self.features, missed=missed, within=within, level=level, on_fold=on_fold
        )
        record(found, history=self.history, answers_seq=seq)
        return found

    def stopping(
        self,
        *,
        target_accuracy: float | None = None,
        budget: int | None = None,
        min_gain: float | None = None,
    ) -> Stopping:
        """Say whether to go on labelling, and where; what is not given is as the settings say."""
        config = self.config
        rules = StopRules(
            config.target_accuracy if target_accuracy is None else target_accuracy,
            config.budget if budget is None else budget,
            config.min_gain if min_gain is None else min_gain,
        )
        return stopping(self.history, rules)

    def certify(self, n: int, *, rng: Rng = None) -> Certification:
        """Freeze the last run of `fit`, and draw n fresh items to grade its labels by.

        Raises
        ------
        InputError
            Nothing was fitted yet, or a run is being certified already.
        """
        delivered = self._delivered()
        human, _ = self.history.human(delivered.votes)
        return certify(delivered, n, history=self.history, human=human, rng=rng)

    def certifies(self, tasks: Sequence[Task]) -> bool:
        """Whether any of these tasks was drawn to certify a run."""
        return any(self.history.batch(name).certifies for name in {task.batch for task in tasks})

    def annotators(self) -> Annotators:
        """Report how far people agree and how often each is right; by the answers that stand."""
        return annotators_of(self.history.store.human_labels(self.config.labels), self.config.labels)

    def contradictions(self, *, at_least: float = 2.0) -> tuple[Contradicted, ...]:
        """List the answers that the votes of the last `fit` and other people contradict.

        Parameters
        ----------
        at_least : float
            Log odds against the answer, in nats; 2 are odds of about seven to one.
        """
        run = self.history.run("run_fitted").payload
        votes = self.votes(run.votes_run)
        human, _ = self.history.human(votes)
        return contradicted_answers(
            votes, human, run.class_balance, items=self.items, history=self.history, at_least=at_least
        )

    def second_opinions(self, annotator: str, *, n: int = 20, at_least: float = 2.0) -> tuple[Task, ...]:
        """Draw contradicted items that this person has not answered, and return them as tasks."""
        run = self.history.run("run_fitted")
        human = self.history.store.human_labels(self.config.labels)
        found = self.contradictions(at_least=at_least)
        drawn = second_opinions(found, human, annotator=annotator, n=n, run=run.run)
        if drawn is None:
            return ()
        self.history.append(drawn)
        draws = [draw for draw in self.history.store.draws() if draw.batch == drawn.batch]
        return tasks_of(draws, self.items, self.votes(run.payload.votes_run))

    def status(self) -> Status:
        """Say where the project stands and what to do next."""
        return status_of(self.history)

    def verify(self) -> VerificationReport:
        """Check the ledger, the tables made from it, and the files that it names."""
        return verify_project(self.config.folder)

    # Inside

    @property
    def _cache(self) -> DirectoryCache:
        return DirectoryCache(self.config.folder / ".wsal" / "cache")

    def _require_same_data(self, applied: RunApplied) -> None:
        """Refuse to go on from votes on other data than is there now."""
        if applied.data_fingerprint != self.items.fingerprint:
            newest = self.history.run("run_applied").payload
            verb = "fit" if newest.data_fingerprint == self.items.fingerprint else "apply"
            raise InputError(
                f"{self.config.data_path} changed after run {applied.run}", hint=f"run `wsal {verb}` again"
            )

    def _delivered(self) -> Delivered:
        """Return what the last `fit` delivered; another process reads it back."""
        run = self.history.run("run_fitted")
        if self._last is None or self._last[0] != run.run:
            self._require_same_data(self.history.run("run_applied", run.payload.votes_run).payload)
            self._last = (run.run, read_fit(run, history=self.history, features=self.features))
        return self._last[1]

    def _draw_batch(
        self,
        n: int,
        choose: Callable[..., Batch],
        *,
        hunt: Sequence[str],
        within: tuple[str, ...],
        rng: Rng,
    ) -> str | None:
        """Draw a batch by the last `fit`, record every draw, return its name; None where nothing is left."""
        delivered = self._delivered()
        human, _ = self.history.human(delivered.votes)
        standing = standing_of(self.history)
        closed = {draw.item for draw in self.history.open_draws()} | {a.item_id for a in standing.aside}
        # What rests comes back when nothing else is left.
        for exclude in (closed | standing.resting, closed):
            batch = choose(
                delivered.votes,
                delivered.model,
                n=n,
                human=human,
                rng=rng,
                delivered=delivered,
                exclude=exclude,
            )
            if len(batch):
                classes = tuple(dict.fromkeys(hunt))
                drawn = as_batch_drawn(
                    batch, run=self.history.run("run_fitted").run, hunt=classes, within=within
                )
                self.history.append(drawn)
                return drawn.batch
        return None

    def _tasks(self, batch: str | None = None) -> tuple[Task, ...]:
        draws = self.history.open_draws(batch)
        if not draws:
            return ()
        return tasks_of(draws, self.items, self.votes(self.history.run("run_fitted").payload.votes_run))

    def _find(self, item: str) -> tuple[int, ItemId]:
        """Find an item by what the user typed: its row and its id."""
        for row, known in enumerate(self.items.item_ids.tolist()):
            if str(known) == item:
                return row, known
        raise InputError(
            f"there is no item {item!r} in {self.config.data_path}",
            hint=did_you_mean(item, map(str, self.items.item_ids[:10_000].tolist())),
        )


def verify_project(folder: str | Path = ".") -> VerificationReport:
    """Check the ledger of a project, also where its guards are gone so that it cannot be opened."""
    config = read_config(find_config(Path(folder)))
    return verify_store(config.store_url, root=config.folder)

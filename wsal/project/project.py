"""Project: the one place where the loop closes. Wiring only: every step is another module's work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from wsal.analysis.contradictions import Method
from wsal.audit import Outcome, SealedFile, VerificationReport
from wsal.config import Config, find_config, read_config, user_name
from wsal.features import FeatureMatrix
from wsal.items import Items
from wsal.labels import SoftLabels, TiePolicy
from wsal.lf import LabelingFunction
from wsal.project.audit.sealing import rebuild_project, seal_project, verify_project
from wsal.project.create import write_demo, write_example, write_project
from wsal.project.estimates.certifying import certify
from wsal.project.estimates.estimating import estimate
from wsal.project.estimates.figures import Certification, Estimates
from wsal.project.explaining.why import RuleWithdrawn, Why, why, withdraw_rule
from wsal.project.files.answers import ImportReport, import_answers
from wsal.project.files.labels import export_labels
from wsal.project.history import History, needs_memory
from wsal.project.judged import Judged
from wsal.project.labelling.answering import keep_answer, take_back, take_back_last
from wsal.project.labelling.aside import AsideItem, put_back, standing_of
from wsal.project.labelling.choosing import require_strategy
from wsal.project.labelling.drawing import ask_again, draw_tasks, queue_items
from wsal.project.labelling.duplicate_report import DuplicateReport, duplicate_report
from wsal.project.labelling.searching import (
    OutlierReport,
    SearchReport,
    SubPool,
    outlier_report,
    search_report,
)
from wsal.project.labelling.tasks import Task
from wsal.project.rules.dry_run import SAMPLE, DryRun
from wsal.project.rules.loading import CheckReport, check_rules, load_project_rules
from wsal.project.runs.cross_fitting import OnFold
from wsal.project.runs.duplicates import find_in_project, set_apart
from wsal.project.runs.material import Material
from wsal.project.runs.reports import ApplyRun, Export, FitRun, RuleRow, Status
from wsal.project.runs.standing import rule_rows, status_of
from wsal.project.runs.steps import dry_run, run_apply, run_fit
from wsal.store import Erasure, PersonRow
from wsal.types import ItemId, Rng
from wsal.votes import VoteMatrix

__all__ = ["Project"]


class Project(Judged):
    """A folder with ``wsal.toml``, rules, data and ``.wsal/``; get one from `open` or `create`.

    Parameters
    ----------
    config : Config
    history : History
    """

    def __init__(self, config: Config, history: History) -> None:
        self.config = config
        self.history = history
        self._material = Material(history)

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
        config.require_one_label()
        require_strategy(config)
        return cls(config, History.open(config))

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

    @property
    def items(self) -> Items:
        """The data, read once."""
        return self._material.items

    def require_memory(self) -> None:
        """Refuse to go on where the data is read in parts.

        Raises
        ------
        InputError
        """
        if self._material.parts is not None:
            raise needs_memory(self.config)

    @property
    def features(self) -> FeatureMatrix | None:
        """The features that the settings name; None where they name none."""
        return self._material.features

    def labeling_functions(self, *, allow_python: bool = True) -> list[LabelingFunction]:
        """Load the rules that the settings name."""
        return load_project_rules(self.config, allow_python=allow_python)

    def votes(self, run_id: str | None = None) -> VoteMatrix:
        """Read the votes of a run of `apply`; of the last one where none is named."""
        return self.history.votes(run_id)

    def soft_labels(self, run_id: str | None = None) -> SoftLabels:
        """Read the labels of a run of `fit`; of the last one where none is named."""
        return self.history.soft_labels(run_id)

    # The steps of the loop

    def check(self, *, allow_python: bool = True) -> CheckReport:
        """Check settings, data and rules, and run the tests of the rules."""
        data = self._material.parts or self.items
        return check_rules(self.config, data, allow_python=allow_python)

    def apply(
        self,
        *,
        fault_tolerant: bool = False,
        allow_python: bool = True,
        progress: bool = False,
        workers: int = 1,
    ) -> ApplyRun:
        """Let every rule vote on every item; columns that nothing changed come from the cache."""
        return run_apply(
            self._material,
            fault_tolerant=fault_tolerant,
            allow_python=allow_python,
            progress=progress,
            workers=workers,
        )

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
        return dry_run(self._material, rule, allow_python=allow_python, progress=progress, sample=sample)

    def fit(self) -> FitRun:
        """Turn the votes of the last `apply` and all answers into soft labels."""
        return run_fit(self._material)

    def tasks(
        self,
        n: int = 10,
        *,
        new: bool = False,
        hunt: str | Sequence[str] | None = (),
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
        labels = (hunt,) if isinstance(hunt, str) else tuple(hunt or ())
        return draw_tasks(self._material, n, new=new, hunt=labels, strategy=strategy, within=within, rng=rng)

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
        return queue_items(self._material, items, why=why, hunt=hunt)

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
        return keep_answer(
            self.history,
            task,
            label,
            annotator=annotator,
            outcome=outcome,
            rationale=rationale,
            hints_shown=hints_shown,
            seconds=seconds,
        )

    def undo(self, event_id: str, *, annotator: str) -> None:
        """Take an answer back; it stays in the ledger."""
        take_back(self.history, event_id, annotator=annotator)

    def undo_last(self, annotator: str) -> Task | None:
        """Take back the last answer of a person to a task, and return the task; None where there is none."""
        return take_back_last(self._material, annotator)

    def import_answers(
        self, path: str | Path, *, annotator: str = "", format_: str | None = None
    ) -> ImportReport:
        """Read answers from a file: all of them or, if anything is wrong, none.

        ``format_`` names that of another tool (`wsal.interop.FORMATS`).
        """
        known = self.items if self._material.parts is None else self.history.vote_parts() or self.items
        return import_answers(Path(path), known, self.history, annotator=annotator, format_=format_)

    def export(
        self,
        path: str | Path,
        *,
        format_: str | None = None,
        ties: TiePolicy = "abstain",
        force: bool = False,
    ) -> Export:
        """Write the labels of the last `fit` to a file; answers that came after it are in it."""
        return export_labels(path, self._material, format_=format_, ties=ties, force=force)

    # Reading

    def rules(self) -> tuple[RuleRow, ...]:
        """Return the rules of the last `apply` with what they do and how answers agree with them."""
        votes = self.votes()
        return rule_rows(votes, self.history.human(votes)[0], self.history.store.rules())

    def why(self, item: str, *, contrast: str | tuple[str, str] | None = None) -> Why:
        """Explain the label of an item by the last `fit`, with the answers up to that run."""
        return why(self._material, item, contrast=contrast)

    def withdraw(self, rule: str) -> RuleWithdrawn:
        """Say what would change in the labels of the last `fit` without a rule; nothing is changed or kept."""
        return withdraw_rule(self._material, rule)

    def duplicates(self, *, threshold: float | None = None) -> DuplicateReport:
        """Return the groups of duplicates that the next `fit` will use, or those of another threshold."""
        found = find_in_project(self.items, self.history, threshold=threshold)
        return duplicate_report(found, self.history, items=self.items)

    def set_apart(self, items: Sequence[str], *, apart: bool = True) -> tuple[ItemId, ...]:
        """Say that items are no duplicates of others, or take that back; the next `fit` follows.

        Raises
        ------
        InputError
            An item is unknown, or no duplicate of any (none that was set apart, where that is taken back).
        """
        rows = self._material.rows_of(items)
        found = find_in_project(self.items, self.history)
        return set_apart(rows, found, self.history, apart=apart)

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
        return put_back(self._material.rows_of(items), self.history)

    def estimate(
        self,
        *,
        missed: Sequence[str] = (),
        within: Sequence[str] = (),
        level: float = 0.95,
        on_fold: OnFold | None = None,
    ) -> Estimates:
        """Estimate how good rules, labels and pre-filters are, and keep it; see `estimates.estimating`."""
        return estimate(self._material, missed=missed, within=within, level=level, on_fold=on_fold)

    def certify(self, n: int, *, rng: Rng = None) -> Certification:
        """Freeze the last run of `fit`, and draw n fresh items to grade its labels by.

        Raises
        ------
        InputError
            Nothing was fitted yet, or a run is being certified already.
        """
        return certify(self._material, n, rng=rng)

    def certifies(self, tasks: Sequence[Task]) -> bool:
        """Whether any of these tasks was drawn to certify a run."""
        return any(self.history.batch(name).certifies for name in {task.batch for task in tasks})

    def second_opinions(
        self, annotator: str | None, *, n: int = 20, at_least: float = 2.0, by: Method = "evidence"
    ) -> tuple[Task, ...]:
        """Draw contradicted items that this person has not answered, and return them as tasks; None queues them."""
        return ask_again(self._material, annotator, n=n, at_least=at_least, by=by)

    def status(self) -> Status:
        """Say where the project stands and what to do next."""
        return status_of(self._material)

    def verify(self) -> VerificationReport:
        """Check the ledger, the tables made from it, and the files that it names."""
        return verify_project(self.config.folder)

    def seal(
        self, *, out: str | Path | None = None, key: str | Path | None = None
    ) -> tuple[Path, SealedFile]:
        """Write the last row's number and hash to a file, signed where there is a key; see `seal_project`."""
        return seal_project(self.history, out=out, key=key)

    def people(self) -> tuple[PersonRow, ...]:
        """Return the people whose names the store knows, by name."""
        return self.history.store.people()

    def erase_person(self, name: str) -> Erasure:
        """Destroy a person's name and key: labels stay under a pseudonym, the chain stays whole.

        Raises
        ------
        InputError
            There is no such person.
        """
        return self.history.store.erase_person(name, actor=user_name())

    def rebuild(self) -> int:
        """Make the tables of people's work anew from the ledger; return the number of events."""
        return rebuild_project(self.history)

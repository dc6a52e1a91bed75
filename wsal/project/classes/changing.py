"""A change of mind about the classes: what it would do, said before it is done; and doing it."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from wsal.audit import BatchDrawn, ClassChange, ClassesChanged, DrawRecord
from wsal.errors import InputError, PackError
from wsal.lf import pack_files
from wsal.lf.pack_edits import LabelUse, PackEdit, Relabelling, label_uses, relabel_pack
from wsal.project.classes.settings_edits import settings_with_labels
from wsal.project.history import History
from wsal.project.rules.changes import build_without_code
from wsal.store import AnswerRow, write_atomically
from wsal.types import ItemId, LabelSpace

__all__ = ["ClassPlan", "SplitRules", "carry_out", "plan_classes"]

_ASIDE = ".set-aside"  # no pack: `wsal apply` does not read it


@dataclass(frozen=True)
class SplitRules:
    """What becomes of the rules of a class that is split.

    Parameters
    ----------
    by_rule : mapping of str to str
        The new class of a rule.
    set_aside : bool
        Take the other rules of the class out of their packs, into a file beside each.
    """

    by_rule: Mapping[str, str] = field(default_factory=dict)
    set_aside: bool = False


@dataclass(frozen=True)
class ClassPlan:
    """What a change of the classes would do.

    Parameters
    ----------
    change : ClassesChanged
    answers : mapping of str to int
        Answers that stand, by the class that they name now and that goes.
    n_again : int
        Items that somebody must look at again, because their class is split.
    n_decided : int
        Items that lose an answer, but keep the label of another person, so that nobody is asked again.
    queued : tuple of str or int
        Items to look at again that no draw asks for by itself; they are put into the queue.
    votes : mapping of str to int
        Votes of the last `apply` for each class that goes.
    rules : tuple of LabelUse
        Rules that vote for one of them.
    by_hand : tuple of str
        Rules whose classes come from code or data, which nobody but their author can change.
    packs : tuple of PackEdit
    settings : str
        ``wsal.toml`` afterwards.
    notes : tuple of str
    """

    change: ClassesChanged
    answers: Mapping[str, int]
    n_again: int
    n_decided: int
    queued: tuple[ItemId, ...]
    votes: Mapping[str, int]
    rules: tuple[LabelUse, ...]
    by_hand: tuple[str, ...]
    packs: tuple[PackEdit, ...]
    settings: str
    notes: tuple[str, ...]

    @property
    def undecided(self) -> tuple[str, ...]:
        """Rules of a class that is split, which nobody gave a new one yet."""
        return tuple(rule for pack in self.packs for rule in pack.undecided)


def plan_classes(
    history: History,
    change: ClassChange,
    old: Sequence[str],
    new: Sequence[str],
    *,
    reason: str = "",
    rules: SplitRules | None = None,
) -> ClassPlan:
    """Find out what a change of the classes would do; nothing is done.

    Parameters
    ----------
    history : History
    change : {"add", "rename", "merge", "split"}
    old : sequence of str
        Classes that go.
    new : sequence of str
        Classes that come.
    reason : str
    rules : SplitRules, optional

    Raises
    ------
    InputError
        A class that is none, or that is there already; or a pack or the settings could not be read afterwards, or
        cannot be edited safely.
    """
    if history.config.vocabulary is not None:
        raise InputError(
            f"{history.config.name}: whether a label holds has two classes, and they stay",
            hint="edit labels under [task] in the project that has this label",
        )
    changed = ClassesChanged(
        change, tuple(old), tuple(new), _labels_after(history.labels, change, old, new), reason
    )
    split = rules or SplitRules()
    _require_new(split.by_rule, changed)
    standing = history.store.answers()
    affected = [a for a in standing if a.label in changed.gone]
    lost = {a.item for a in affected} if change == "split" else set()
    others = [a for a in standing if a.item in lost and a.label not in changed.gone]
    decided = {a.item for a in others if a.label is not None}
    again = lost - decided
    uses, by_hand, packs = _packs(history, changed, split)
    return ClassPlan(
        change=changed,
        answers=dict(Counter(str(a.label) for a in affected)),
        n_again=len(again),
        n_decided=len(decided),
        queued=_unasked(history, again, {a.item for a in others}),
        votes=_votes(history, changed.gone),
        rules=uses,
        by_hand=by_hand,
        packs=packs,
        settings=settings_with_labels(history.config, LabelSpace(changed.labels)),
        notes=_notes(history, changed, affected),
    )


def carry_out(plan: ClassPlan, history: History) -> None:
    """Do what a plan says: the event and the queue in one transaction, then the files, each whole or not at all.

    After it, open the project anew: its settings are others.

    Raises
    ------
    InputError
        Rules of a class that is split have no new one yet.
    """
    if plan.undecided:
        raise InputError(
            f"these rules vote for {plan.change.old[0]!r}, which is split: {', '.join(plan.undecided)}",
            hint="say with --rule ID=PART which part each votes for, or take them out of their packs with --set-aside",
        )
    events: list[ClassesChanged | BatchDrawn] = [plan.change]
    run = history.store.latest_run("run_fitted")
    if plan.queued and run is not None:
        events.append(_look_again(plan, run.run))
    history.append(*events)
    _write(history.config.file, plan.settings)
    for pack in plan.packs:
        if pack.removed:
            aside = pack.path.with_name(pack.path.name + _ASIDE)
            before = aside.read_text(encoding="utf-8") if aside.exists() else ""
            _write(
                aside, f"{before}# {plan.change}: give these rules a class, and put them back\n{pack.removed}"
            )
        _write(pack.path, pack.text)


def _labels_after(
    labels: LabelSpace, change: ClassChange, old: Sequence[str], new: Sequence[str]
) -> tuple[str, ...]:
    for name in old:
        labels.index(name)
    for group in (old, new):
        twice = [name for name, count in Counter(group).items() if count > 1]
        if twice:
            raise InputError(f"the class {twice[0]!r} stands twice", hint="name each class once")
    for name in new:
        if name in labels and name not in old:
            raise InputError(
                f"there is a class {name!r} already", hint="`wsal classes merge` joins two classes"
            )
    if change == "rename" and old[0] == new[0]:
        raise InputError(f"the class is called {old[0]!r} already", hint="give it another name")
    if change == "split" and set(old) & set(new):
        raise InputError(
            f"the class {old[0]!r} cannot stay beside its parts: an answer that names it would say both",
            hint="give each part a name of its own",
        )
    if change == "add":
        return LabelSpace((*labels, *new)).names
    at = min(labels.index(name) for name in old)
    before = [name for name in labels.names[:at] if name not in old]
    after = [name for name in labels.names[at:] if name not in old]
    return LabelSpace((*before, *new, *after)).names


def _require_new(by_rule: Mapping[str, str], changed: ClassesChanged) -> None:
    for rule, label in by_rule.items():
        if label not in changed.new:
            raise InputError(
                f"rule {rule!r} cannot vote for {label!r} now",
                hint=f"the classes that come are {', '.join(changed.new)}",
            )


def _packs(
    history: History, changed: ClassesChanged, split: SplitRules
) -> tuple[tuple[LabelUse, ...], tuple[str, ...], tuple[PackEdit, ...]]:
    """Return who votes for the classes that go, rules that only their authors can change, and the packs edited."""
    how = Relabelling(
        {name: to for name in changed.old if (to := changed.becomes(name)) != name},
        changed.labels,
        split.by_rule,
        split.set_aside,
    )
    files = [file for path in history.config.rule_paths for file in pack_files(path)]
    uses: list[LabelUse] = []
    by_hand: list[str] = []
    edits = []
    for file in files:
        uses += label_uses(file, frozenset(changed.gone))
        by_hand += _named_elsewhere(history, file) if changed.old else []
    unknown = set(split.by_rule) - {use.rule for use in uses}
    if unknown:
        raise InputError(
            f"no rule {min(unknown)!r} votes for {', '.join(changed.gone)}",
            hint=f"these do: {', '.join(dict.fromkeys(use.rule for use in uses)) or 'none'}",
        )
    for file in files:
        edit = relabel_pack(file, how)
        _require_loadable(history, file, edit, LabelSpace(changed.labels))
        if edit is not None:
            edits.append(edit)
    return tuple(uses), tuple(by_hand), tuple(edits)


def _named_elsewhere(history: History, file: Path) -> list[str]:
    rules = build_without_code(file, history.config)
    return [rule.name for rule in rules if rule.label is None and not _says_values(rule.source)]


def _says_values(source: object) -> bool:
    return getattr(source, "values", None) is not None


def _require_loadable(history: History, file: Path, edit: PackEdit | None, labels: LabelSpace) -> None:
    """See that a pack can be read with the classes of afterwards, before anything is written."""
    if edit is None:
        build_without_code(file, history.config, labels=labels)
        return
    if edit.undecided:
        return  # `carry_out` refuses it
    with TemporaryDirectory(prefix="wsal-classes-") as folder:
        copy = Path(folder, file.name)
        _write(copy, edit.text)
        try:
            build_without_code(copy, history.config, labels=labels, folder=file.parent)
        except PackError as error:
            raise InputError(
                f"{file} could not be read after the change: {error.message}",
                hint="give a rule that others refer to a class of its own with --rule, or edit the pack first",
            ) from error


def _votes(history: History, old: tuple[str, ...]) -> dict[str, int]:
    applied = history.store.latest_run("run_applied")
    if applied is None or not old:
        return {}
    votes = history.vote_parts(applied.run) or history.votes(applied.run)
    patterns = votes.patterns()
    cast = {y: (patterns.votes == y).sum(axis=1) @ patterns.counts for y in range(len(votes.labels))}
    return {name: int(cast[votes.labels.index(name)]) for name in old if name in votes.labels}


def _unasked(history: History, items: set[ItemId], spoken: set[ItemId]) -> tuple[ItemId, ...]:
    """Return those items that no fresh draw will ask for again, once their answers are taken back.

    Where somebody else skipped an item or was unsure (``spoken``), that closes the draws that there are.
    """
    if not items or history.store.latest_run("run_fitted") is None:
        return ()
    asked = {draw.item for draw in history.store.draws() if draw.fresh} - spoken
    return tuple(sorted(items - asked, key=lambda item: (isinstance(item, str), item)))


def _look_again(plan: ClassPlan, run: str) -> BatchDrawn:
    batch = f"batch-{uuid.uuid4().hex[:12]}"
    draws = tuple(
        DrawRecord(BatchDrawn.draw_id(batch, i), item, "explore", reason=f"needs another look: {plan.change}")
        for i, item in enumerate(plan.queued)
    )
    return BatchDrawn(batch, run, draws)


def _notes(history: History, changed: ClassesChanged, affected: Sequence[AnswerRow]) -> tuple[str, ...]:
    notes = []
    if history.config.spans is not None:
        notes.append(
            "rules that name places keep the classes they have: change them by hand, then run `wsal spans find`"
        )
    if history.store.latest_run("run_applied") is not None:
        notes.append(
            "runs until now keep their votes, labels and estimates under the names of their time; "
            "run `wsal apply`, then `wsal fit`, for the new ones"
        )
    if affected and changed.change == "split":
        notes.append(
            "answers of the split class count for nothing until somebody looks again; the ledger keeps them"
        )
        if history.store.latest_run("run_fitted") is None:
            notes.append(
                "nothing was fitted yet, so there is no queue: their items are unanswered items like all"
            )
    if affected and changed.change in ("rename", "merge"):
        notes.append(
            "the ledger keeps each answer as it was given; it counts under its new name from here on"
        )
    return tuple(notes)


def _write(path: Path, text: str) -> None:
    def write(temporary: Path) -> None:
        temporary.write_bytes(text.encode("utf-8"))

    write_atomically(path, write)

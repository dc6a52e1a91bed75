"""The rule desk: what experts who write rules in the workbench see, try and save."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from wsal.errors import InputError, did_you_mean
from wsal.lf import LabelingFunction, RuleTestResult
from wsal.project.estimates.scorecards import Scorecard
from wsal.project.explaining.why import RuleWithdrawn
from wsal.project.project import Project
from wsal.project.rules.changes import rules_as_written
from wsal.project.rules.editing import RuleEditor
from wsal.project.rules.past import DiffLine, RulePast, diff_lines, rule_past
from wsal.project.rules.previews import RulePreview, VotedItems
from wsal.project.rules.rulebook import Rulebook, WrittenRule
from wsal.project.rules.votes import QuickVotes
from wsal.project.rules.worklist import (
    RuleConflict,
    UncoveredCluster,
    rule_conflicts,
    typical_words,
    uncovered_clusters,
)
from wsal.types import ABSTAIN

__all__ = ["RuleCompared", "RuleDesk", "RuleLine", "RuleWorklist"]

T = TypeVar("T")


@dataclass(frozen=True)
class RuleLine:
    """A rule in the list: as it voted, as it is written, or both.

    Parameters
    ----------
    name : str
        The column of votes; the id where it has not voted yet.
    rule : str
        The id.
    card : Scorecard, optional
        None where it has not voted yet.
    written : WrittenRule, optional
        None where it is in no pack any more.
    tests : tuple of RuleTestResult
    state : str
        ``in force``; or ``waits``, ``changed`` and ``gone``, until the rules vote again.
    """

    name: str
    rule: str
    card: Scorecard | None
    written: WrittenRule | None
    tests: tuple[RuleTestResult, ...]
    state: str


@dataclass(frozen=True)
class RuleCompared:
    """Two versions of a rule: their texts, and what the later does to the votes of the earlier.

    ``effect`` is None, and ``note`` says why, where one of them cannot vote here.
    """

    lines: tuple[DiffLine, ...]
    effect: RulePreview | None
    note: str


@dataclass(frozen=True)
class RuleWorklist:
    """Where rules are worth writing; ``words`` of each conflict, ``texts`` of some items by row."""

    conflicts: tuple[tuple[RuleConflict, tuple[str, ...]], ...]
    clusters: tuple[UncoveredCluster, ...]
    n_uncovered: int
    texts: dict[int, str]
    notes: tuple[str, ...]


class RuleDesk:
    """A project's rules for the workbench; safe to share between threads.

    Parameters
    ----------
    project_of : callable
        Returns the project, which may be opened anew when its data changes.
    """

    def __init__(self, project_of: Callable[[], Project]) -> None:
        self._project_of = project_of
        self._lock = threading.RLock()
        self._writing = threading.Lock()
        self._known: dict[str, tuple[Hashable, Any]] = {}

    @property
    def book(self) -> Rulebook:
        """The packs as they are written."""
        project = self._project_of()
        return self._once("book", project, lambda: Rulebook(project.config))

    @property
    def editor(self) -> RuleEditor:
        """Writes them."""
        return RuleEditor(self.book, self._project_of().history, self._writing)

    # Reading

    def warm_up(self) -> None:
        """Run the tests of the rules, so that nobody waits for the libraries that they load, spaCy above all.

        Raises
        ------
        InputError
            The packs cannot be read.
        """
        self._tests(self.book.rules())

    def lines(self) -> tuple[RuleLine, ...]:
        """Return every rule that voted in the last run or is in a pack.

        Raises
        ------
        InputError
            The packs cannot be read, or the votes are kept in parts.
        """
        written, cards = self.book.rules(), self._cards()
        prints = self._prints()
        tests = self._tests(written)
        found, seen = [], set()
        for card in cards:
            rule = card.name if card.name in written else card.name.partition("[")[0]
            seen.add(rule)
            now = prints.get(card.name)
            current = self._applied_prints().get(card.name)
            state = "gone" if rule not in written else "in force" if now == current else "changed"
            found.append(RuleLine(card.name, rule, card, written.get(rule), tests.get(rule, ()), state))
        for rule, one in written.items():
            if rule not in seen:
                found.append(RuleLine(rule, rule, None, one, tests.get(rule, ()), "waits"))
        return tuple(found)

    def past(self, rule: str) -> RulePast:
        """Return the versions of a rule, and what was done to it here.

        Raises
        ------
        InputError
            There is no such rule, and never was.
        """
        past = rule_past(self._project_of().history, rule)
        if not past.versions and rule not in self.book.rules():
            raise InputError(f"there is no rule {rule!r}", hint=did_you_mean(rule, self.book.rules()))
        return past

    def card(self, rule: str) -> Scorecard | None:
        """Return the scorecard of a rule with its past runs; None where it has not voted in the last run."""
        project = self._project_of()
        names = [card.name for card in self._cards() if card.name == rule or card.name.startswith(f"{rule}[")]
        if not names:
            return None
        key = (project.history.store.head().seq, rule)
        return self._once("card", key, lambda: project.scorecards(allow_python=False).of(names[0]))

    def retired(self) -> tuple[tuple[str, RulePast], ...]:
        """Return the rules that were retired here and are in no pack."""
        written = self.book.rules()
        history = self._project_of().history
        names = dict.fromkeys(
            str(entry.event.data["rule"])
            for entry in history.store.events("rule_edited")
            if entry.event.data.get("action") == "retired"
        )
        return tuple((name, rule_past(history, name)) for name in names if name not in written)

    def standing(self, rule: str) -> RulePreview | None:
        """Return what a rule did in the last run, with examples; None where it did not vote there."""
        voted = self._voted()
        if voted is None:
            return None
        was = voted.before(rule)
        names = [name for name in voted.votes.lf_names if name == rule or name.startswith(f"{rule}[")]
        if not names:
            return None
        every = QuickVotes(np.arange(len(was)), was)
        return voted.report(every, was, self._highlighting(rule), rule=rule, human=self._human(voted))

    def withdraw(self, rule: str) -> RuleWithdrawn:
        """Say what would change in the labels of the last fit without a rule."""
        with self._lock:  # what a fit delivered is read back once, not by several at once
            return self._project_of().withdraw(rule)

    def compare(self, rule: str, first: int, second: int) -> RuleCompared:
        """Compare two versions of a rule.

        Raises
        ------
        InputError
            There is no such version.
        """
        past = self.past(rule)
        old, new = past.version(first), past.version(second)
        lines, voted, written = diff_lines(old.source, new.source), self._voted(), self.book.rules().get(rule)
        if voted is None:
            return RuleCompared(lines, None, "no rule has voted yet")
        pack = written.pack if written is not None else self.book.packs()[0].name
        try:
            before, after = (
                self.book.draft(version.source, pack=pack, rule=rule, items=voted.items)
                for version in (old, new)
            )
        except InputError as error:
            return RuleCompared(lines, None, f"one of them cannot vote here: {error.message}")
        with self._lock:
            was, now = voted.voter.votes(before.rules), voted.voter.votes(after.rules)
        if len(was.rows) != len(now.rows):
            short = was if len(was.rows) < len(now.rows) else now
            was, now = (
                QuickVotes(short.rows, part.votes[np.isin(part.rows, short.rows)]) for part in (was, now)
            )
        effect = voted.report(now, was.votes, after.rules, rule=rule, human=self._human(voted))
        return RuleCompared(lines, effect, "")

    # Writing

    def preview(self, text: str, *, pack: str, rule: str | None) -> RulePreview:
        """Say what a rule would do if it were saved.

        Raises
        ------
        PackError
            The text is no rule, with the place.
        InputError
            The rules have not voted yet.
        LabelingFunctionError
            A pattern ran out of time.
        """
        voted = self._voted()
        draft = self.book.draft(text, pack=pack, rule=rule, items=None if voted is None else voted.items)
        if voted is None:
            raise InputError("no rule has voted yet", hint="wait until the first run is done")
        with self._lock:  # one at a time: several would be slower, each for itself
            return voted.preview(draft.rules, rule, human=self._human(voted))

    def new_text(self, words: Iterable[str], label: str | None) -> str:
        """Write a draft from words: a rule that votes where one of them stands."""
        import json

        labels = self.book.config.labels
        found = [re.sub(r"\s+", " ", re.sub(r"^\W+|\W+$", "", word)) for word in words]
        kept = list(dict.fromkeys(word.lower() for word in found if word))[:30] or ["word"]
        stem = "-".join(re.findall(r"\w+", kept[0], re.ASCII)) or "words"
        known, name, number = self.book.rules(), stem[:40], 2
        while name in known:
            name, number = f"{stem[:40]}-{number}", number + 1
        vote = label if label in labels else labels.names[-1]
        keywords = ", ".join(json.dumps(word, ensure_ascii=False) for word in kept)
        return (
            f'id: {json.dumps(name)}\nlabel: {json.dumps(vote)}\nwhen:\n  keywords: [{keywords}]\nwhy: ""\n'
        )

    def worklist(self) -> RuleWorklist:
        """Return where rules are worth writing.

        Raises
        ------
        InputError
            The rules have not voted yet.
        """
        voted = self._voted()
        if voted is None:
            raise InputError("no rule has voted yet", hint="wait until the first run is done")
        fitted = self._project_of().history.store.latest_run("run_fitted")
        key = (voted.run, None if fitted is None else fitted.run)
        return self._once("worklist", key, lambda: self._worklist(voted))

    # What several of these need

    def _worklist(self, voted: VotedItems) -> RuleWorklist:
        history = self._project_of().history
        fitted = history.store.latest_run("run_fitted")
        conflicts: Sequence[RuleConflict] = ()
        notes, soft = [], None
        if fitted is not None and fitted.payload.votes_run == voted.run:
            soft = history.soft_labels(fitted.run)
            q = history.model(fitted).pattern_proba(voted.votes.patterns())
            conflicts = rule_conflicts(voted.votes, q)
        else:
            notes.append("Conflicts are ranked once the labels are fitted to the last votes.")
        clusters = uncovered_clusters(voted.votes, voted.items, soft)
        if not clusters:
            notes.append("Too few items are without a rule, or they hold no text: nothing to group.")
        rows = {row for c in conflicts for row in c.rows} | {row for c in clusters for row in c.rows}
        texts = {row: _text(voted, row) for row in rows}
        others = [_text(voted, row) for row in range(0, len(voted.votes), max(1, len(voted.votes) // 200))]
        described = tuple((one, typical_words([texts[r] for r in one.rows], others)) for one in conflicts)
        uncovered = int((voted.votes.values == ABSTAIN).all(axis=1).sum())
        return RuleWorklist(described, clusters, uncovered, texts, tuple(notes))

    def _voted(self) -> VotedItems | None:
        """Return the items with the votes of the last run; None before the first."""
        project = self._project_of()
        applied = project.history.store.latest_run("run_applied")
        if applied is None:
            return None

        def look() -> VotedItems:
            votes = project.history.votes(applied.run)
            items = project.items
            if items.fingerprint != applied.payload.data_fingerprint:
                raise InputError(
                    f"{project.config.data_path} changed after run {applied.run}", hint="run `wsal apply`"
                )
            return VotedItems(applied.run, items, votes)

        return self._once("voted", applied.run, look)

    def _human(self, voted: VotedItems) -> Any:  # noqa: ANN401  # HumanLabels
        history = self._project_of().history
        seq = history.store.head().seq
        return self._once("human", (voted.run, seq), lambda: history.human(voted.votes)[0])

    def _cards(self) -> tuple[Scorecard, ...]:
        project = self._project_of()
        if project.history.store.latest_run("run_applied") is None:
            return ()
        key = (project.history.store.head().seq, tuple(pack.sha256 for pack in self.book.packs()))
        return self._once("cards", key, lambda: project.scorecards(allow_python=False).every())

    def _prints(self) -> dict[str, str]:
        key = tuple(pack.sha256 for pack in self.book.packs())
        return self._once(
            "prints",
            key,
            lambda: {rule.name: rule.fingerprint for rule in rules_as_written(self.book.config)},
        )

    def _applied_prints(self) -> dict[str, str | None]:
        applied = self._project_of().history.store.latest_run("run_applied")
        return {} if applied is None else {rule.name: rule.fingerprint for rule in applied.payload.rules}

    def _tests(self, written: dict[str, WrittenRule]) -> dict[str, tuple[RuleTestResult, ...]]:
        key = tuple(rule.sha256 for rule in written.values())
        return self._once(
            "tests", key, lambda: {name: self.book.tests(rule) for name, rule in written.items()}
        )

    def _highlighting(self, rule: str) -> list[LabelingFunction]:
        written = self.book.rules().get(rule)
        if written is None or written.locked:
            return []
        try:
            return list(self.book.draft(written.text, pack=written.pack, rule=rule).rules)
        except InputError:
            return []

    def _once(self, name: str, key: Hashable, make: Callable[[], T]) -> T:
        """Return what was made before for the same key, or make it."""
        with self._lock:
            known = self._known.get(name)
            if known is None or known[0] != key:
                known = (key, make())
                self._known[name] = known
            found: T = known[1]
            return found


def _text(voted: VotedItems, row: int) -> str:
    cells = voted.items.row(row)
    column = voted.items.text_column
    text = str(cells[column]) if column in cells else ", ".join(f"{k}={v}" for k, v in cells.items())
    return " ".join(text.split())[:300]

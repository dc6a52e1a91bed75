"""What a rule would do if it were saved as it is written: seen while it is being written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from wsal.estimation.intervals import Interval, finite_clopper_pearson
from wsal.items import Items
from wsal.labels import HumanLabels
from wsal.lf import LabelingFunction, Rule, RuleTestResult, run_rule_tests
from wsal.project.rules.columns import columns_of_rule
from wsal.project.rules.passages import Passage, passages_of
from wsal.project.rules.votes import QuickVotes, Voter
from wsal.types import ABSTAIN, ItemId, VoteArray
from wsal.votes import VoteMatrix

__all__ = ["ExampleKind", "RuleExampleShown", "RulePreview", "VotedItems"]

ExampleKind: TypeAlias = Literal["wrong", "conflict", "gained", "lost", "flipped", "votes"]

_EXAMPLES: Final = 5
_LONGEST: Final = 400
_NONE: Final = 127  # above every class index


@dataclass(frozen=True)
class RuleExampleShown:
    """An item, and why it is shown.

    Parameters
    ----------
    kind : {"wrong", "conflict", "gained", "lost", "flipped", "votes"}
        A person said otherwise; another rule does; the vote is new, is gone or names another class; it votes.
    item : str or int
    before, after : str, optional
        Its vote in the last run, and now; None where it abstains.
    said : str, optional
        What people answered.
    others : tuple of str
        Votes of other rules for other classes.
    passages : tuple of Passage
        Its text, cut where the rule matches; long texts are cut short.
    """

    kind: ExampleKind
    item: ItemId
    before: str | None
    after: str | None
    said: str | None
    others: tuple[str, ...]
    passages: tuple[Passage, ...]


@dataclass(frozen=True)
class RulePreview:
    """What a rule does among the items seen.

    Parameters
    ----------
    run : str
        The run of `apply` that it is compared with.
    n_items, n_seen : int
        All items, and how many were looked at: a simple random sample, or all.
    votes, overlaps, conflicts : int
        Items that it votes on; that others vote on too; that others say otherwise of.
    alone : int
        Items that no other rule covers.
    gained, lost, flipped, kept : int
        Against its votes in that run.
    estimates : mapping of str to Interval, optional
        From a sample: the counts among all items, with 95 % limits (exact, hypergeometric).
    n_answered, n_right : int
        Answered items with its vote, and those where it says the same; chosen items, so no estimate.
    examples : tuple of RuleExampleShown
    tests : tuple of RuleTestResult
    """

    run: str
    n_items: int
    n_seen: int
    votes: int
    overlaps: int
    conflicts: int
    alone: int
    gained: int
    lost: int
    flipped: int
    kept: int
    estimates: Mapping[str, Interval] | None
    n_answered: int
    n_right: int
    examples: tuple[RuleExampleShown, ...]
    tests: tuple[RuleTestResult, ...]


class VotedItems:
    """Items with the votes of a run, ready for one rule after the other.

    Parameters
    ----------
    run : str
    items : Items
    votes : VoteMatrix
        Of these items.
    """

    def __init__(self, run: str, items: Items, votes: VoteMatrix) -> None:
        self.run = run
        self.items = items
        self.votes = votes
        self._others: tuple[str | None, VoteArray, VoteArray] | None = None

    @cached_property
    def voter(self) -> Voter:
        """Lets rules vote on the items."""
        return Voter(self.items, self.votes.labels)

    def preview(self, rules: Sequence[Rule], rule: str | None, *, human: HumanLabels) -> RulePreview:
        """Say what a rule would do in place of another.

        Parameters
        ----------
        rules : sequence of Rule
            As it is written: one, or one a bin.
        rule : str or None
            The rule of the run that it stands for; None for a new one.
        human : HumanLabels

        Raises
        ------
        LabelingFunctionError
            A pattern ran out of time.
        DataError
            A column holds what the rule cannot read.
        """
        quick = self.voter.votes(rules)
        return self.report(quick, self.before(rule)[quick.rows], rules, rule=rule, human=human)

    def before(self, rule: str | None) -> VoteArray:
        """Return the votes of a rule in the run, shape (n,); it abstains where it was not there."""
        columns = self._columns(rule)
        if not columns:
            return np.full(len(self.votes), ABSTAIN, dtype=np.int8)
        return np.asarray(self.votes.values[:, columns].max(axis=1))

    def report(
        self,
        quick: QuickVotes,
        was: VoteArray,
        rules: Sequence[LabelingFunction],
        *,
        rule: str | None,
        human: HumanLabels,
    ) -> RulePreview:
        """Report votes against those that were, both of the rows seen."""
        rows, now = quick.rows, quick.votes
        low, high = (part[rows] for part in self._lowest_and_highest(rule))
        voted, covered = now != ABSTAIN, high != ABSTAIN
        conflict = voted & covered & ((high != now) | (low != now))
        masks = {
            "votes": voted,
            "overlaps": voted & covered,
            "conflicts": conflict,
            "alone": voted & ~covered,
            "gained": voted & (was == ABSTAIN),
            "lost": ~voted & (was != ABSTAIN),
            "flipped": voted & (was != ABSTAIN) & (was != now),
            "kept": voted & (was == now),
        }
        counts = {name: int(mask.sum()) for name, mask in masks.items()}
        n = len(self.votes)
        estimates = None
        if len(rows) < n:
            estimates = {
                name: finite_clopper_pearson(count, len(rows), n).scaled(n) for name, count in counts.items()
            }
        said = self._said(human)
        answered = voted & (said[rows] != ABSTAIN)
        wrong = answered & (said[rows] != now)
        tests = tuple(run_rule_tests(r for r in rules if isinstance(r, Rule)))
        kinds: dict[ExampleKind, NDArray[np.bool_]] = {
            "wrong": wrong, "flipped": masks["flipped"], "lost": masks["lost"], "gained": masks["gained"],
            "conflict": conflict, "votes": voted,
        }  # fmt: skip
        return RulePreview(
            self.run,
            n,
            len(rows),
            **counts,
            estimates=estimates,
            n_answered=int(answered.sum()),
            n_right=int(answered.sum() - wrong.sum()),
            examples=self._examples(kinds, rows, (was, now, said[rows]), rules, self._columns(rule)),
            tests=tests,
        )

    def _example(
        self,
        row: int,
        kind: ExampleKind,
        rules: Iterable[LabelingFunction],
        *,
        votes: Sequence[int],
        own: Sequence[int],
    ) -> RuleExampleShown:
        """Return an item with its text cut where rules match; votes before and now, and what people said."""
        cells = self.items.row(row)
        column = self.items.text_column
        shown = {column: cells[column]} if column in cells else dict(cells)
        cut = passages_of({str(name): value for name, value in shown.items()}, cells, rules)
        passages: tuple[Passage, ...] = ()
        for name, value in shown.items():
            lead = () if len(shown) == 1 else (Passage(f"{name}: "),)
            passages += (
                *lead,
                *cut.get(str(name), (Passage(str(value)),)),
                *([Passage("; ")] if lead else []),
            )
        item: ItemId = self.items.item_ids[row : row + 1].tolist()[0]
        was, now, said = (self.votes.labels.name(vote) for vote in votes)
        others = self._others_against(row, votes[1], own) if now else ()
        return RuleExampleShown(kind, item, was, now, said, others, _short(passages))

    def _others_against(self, row: int, vote: int, own: Sequence[int]) -> tuple[str, ...]:
        """Name the rules that say otherwise of an item, with what they say."""
        values = self.votes.values[row].tolist()
        return tuple(
            f"{name}: {self.votes.labels.name(value)}"
            for j, (name, value) in enumerate(zip(self.votes.lf_names, values, strict=True))
            if j not in own and value not in (ABSTAIN, vote)
        )

    def _examples(
        self,
        kinds: Mapping[ExampleKind, NDArray[np.bool_]],
        rows: NDArray[np.int64],
        votes: tuple[VoteArray, VoteArray, VoteArray],
        rules: Sequence[LabelingFunction],
        own: Sequence[int],
    ) -> tuple[RuleExampleShown, ...]:
        found: list[RuleExampleShown] = []
        seen: set[int] = set()
        for kind, mask in kinds.items():
            fresh = [place for place in np.flatnonzero(mask)[: 6 * _EXAMPLES].tolist() if place not in seen]
            seen.update(fresh[:_EXAMPLES])
            found += [
                self._example(int(rows[p]), kind, rules, votes=[int(part[p]) for part in votes], own=own)
                for p in fresh[:_EXAMPLES]
            ]
        return tuple(found)

    def _columns(self, rule: str | None) -> list[int]:
        names = self.votes.lf_names
        if rule is None or not any(name == rule or name.startswith(f"{rule}[") for name in names):
            return []
        return [names.index(name) for name in columns_of_rule(rule, names)]

    def _lowest_and_highest(self, rule: str | None) -> tuple[VoteArray, VoteArray]:
        """Return the lowest and the highest class that other rules vote for; ABSTAIN is the highest of none."""
        known = self._others
        if known is not None and known[0] == rule:
            return known[1], known[2]
        own = self._columns(rule)
        rest = [j for j in range(self.votes.n_lfs) if j not in own]
        low = np.full(len(self.votes), _NONE, dtype=np.int8)
        high = np.full(len(self.votes), ABSTAIN, dtype=np.int8)
        for j in rest:
            column = np.ascontiguousarray(self.votes.values[:, j])
            np.maximum(high, column, out=high)
            np.minimum(low, np.where(column == ABSTAIN, np.int8(_NONE), column), out=low)
        self._others = rule, low, high
        return low, high

    def _said(self, human: HumanLabels) -> VoteArray:
        """Return what people said of each item, ABSTAIN of most; where they differ, what most said."""
        said = np.full(len(self.votes), ABSTAIN, dtype=np.int8)
        for item, share in human.shares(len(self.votes.labels)).items():
            row = self.votes.find(item)
            if row is not None:
                said[row] = int(np.argmax(share))
        return said


def _short(passages: Sequence[Passage]) -> tuple[Passage, ...]:
    """Cut a long text short around its first match."""
    if sum(len(p.text) for p in passages) <= _LONGEST:
        return tuple(passages)
    first = next((i for i, p in enumerate(passages) if p.rules), 0)
    found: list[Passage] = []
    if first:
        before = "".join(p.text for p in passages[:first])
        found.append(Passage(before if len(before) <= 80 else "…" + before[-80:]))
    left = _LONGEST - 80
    for passage in passages[first:]:
        found.append(
            passage if len(passage.text) <= left else Passage(passage.text[:left] + "…", passage.rules)
        )
        left -= len(passage.text)
        if left <= 0:
            break
    return tuple(found)

"""Groups: which labelling functions vote together, and how."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from wsal.engines.local.python_votes import preprocessors, python_votes
from wsal.engines.local.rule_votes import only_searches, passes, rule_votes
from wsal.engines.local.sharing import that_share
from wsal.engines.progress import Progress
from wsal.engines.voted import AnyLF, Voted
from wsal.items import Items
from wsal.lf import Rule
from wsal.types import LabelSpace

__all__ = ["Group", "groups_of"]

_SEARCHED_AT_ONCE: Final = 8


class Vote(Protocol):
    """Lets functions vote together on every item."""

    def __call__(
        self,
        lfs: Mapping[int, AnyLF],
        items: Items,
        labels: LabelSpace | None,
        *,
        fault_tolerant: bool,
        progress: Progress,
        chunk: int,
    ) -> Iterator[Voted]:
        """Yield the votes of each function, by its position."""
        ...


@dataclass(frozen=True)
class Group:
    """Functions that vote together.

    Parameters
    ----------
    lfs : mapping of int to labelling function
        By position.
    vote : callable
    in_chunks : bool
        They see items chunk by chunk, and may not see other chunks (the time limits of rules are counted in chunks).
    chunks_at_once : int
        How many chunks they see as one. Searches for patterns have a cost for each call, and hold little memory.
    """

    lfs: Mapping[int, AnyLF]
    vote: Vote
    in_chunks: bool
    chunks_at_once: int = 1

    @property
    def title(self) -> str:
        """What a progress bar calls it."""
        first = getattr(next(iter(self.lfs.values())), "name", "")
        return first if len(self.lfs) == 1 else f"{first} and {len(self.lfs) - 1} more"


def groups_of(lfs: Sequence[AnyLF], *, with_rules: bool) -> list[Group]:
    """Group functions: rules that share a pass over a column, functions that share a preprocessor, others alone.

    Parameters
    ----------
    lfs : sequence of m labelling functions
    with_rules : bool
        False leaves rules out.
    """
    rules = {j: lf for j, lf in enumerate(lfs) if isinstance(lf, Rule)}
    functions = {j: lf for j, lf in enumerate(lfs) if not isinstance(lf, Rule)}
    batches = that_share({j: passes(rule) for j, rule in rules.items()}) if with_rules else []
    return [
        *(
            Group(
                {j: rules[j] for j in batch},
                _rule_votes,
                in_chunks=True,
                chunks_at_once=_SEARCHED_AT_ONCE if all(only_searches(rules[j]) for j in batch) else 1,
            )
            for batch in batches
        ),
        *(
            Group({j: functions[j] for j in group}, python_votes, in_chunks=False)
            for group in that_share({j: preprocessors(lf) for j, lf in functions.items()})
        ),
    ]


def _rule_votes(
    lfs: Mapping[int, AnyLF],
    items: Items,
    labels: LabelSpace | None,
    *,
    fault_tolerant: bool,
    progress: Progress,
    chunk: int,
) -> Iterator[Voted]:
    rules = {j: lf for j, lf in lfs.items() if isinstance(lf, Rule)}
    if labels is None:
        return iter(())
    return rule_votes(rules, items, labels, fault_tolerant=fault_tolerant, progress=progress, chunk=chunk)

"""Several learners under several seeds, kept as they are played."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from wsal.simulation.dataset import LabelledDataset
from wsal.simulation.expert import Expert
from wsal.simulation.learner import Learner
from wsal.simulation.record import Record
from wsal.simulation.replay import BUDGETS, replay
from wsal.simulation.saving import RecordFile

__all__ = ["replay_all"]


def replay_all(  # a public signature; all but two are keywords
    data: LabelledDataset,
    learners: Sequence[Learner],
    *,
    file: RecordFile,
    seeds: int = 5,
    expert: Expert | None = None,
    budgets: Sequence[int] = BUDGETS,
    batch_size: int = 10,
) -> Iterator[Record]:
    """Replay every learner under the seeds 0, 1, …; what the file holds already is yielded and not played again.

    Parameters
    ----------
    data, expert, budgets, batch_size
        As for `replay`.
    learners : sequence of Learner
        Of different names.
    file : RecordFile
        Gets every new record before it is yielded.
    seeds : int

    Yields
    ------
    Record
        Learner by learner, seed by seed, budget by budget.
    """
    before = file.records
    for learner in learners:
        for seed in range(seeds):
            yield from (record for record in before if (record.learner, record.seed) == (learner.name, seed))
            for record in replay(
                data, learner, seed=seed, expert=expert, budgets=budgets, batch_size=batch_size, done=before
            ):
                file.append(record)
                yield record

"""Grading: what may honestly be graded on which draws."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from wsal.audit import RunFitted
from wsal.estimation import (
    AuditSample,
    Estimate,
    Labelling,
    accuracy,
    class_share,
    f1,
    missed_positives,
    precision,
    recall,
)
from wsal.project.estimates.audit_draws import AuditBatch, Audits
from wsal.project.estimates.figures import Figure, Group
from wsal.project.history import History
from wsal.store import RunRow
from wsal.types import ABSTAIN, ItemId

__all__ = ["Grading", "count_answers"]

_FEW_ANSWERS = 10
"""With fewer answered draws among its votes, a rule's interval says next to nothing."""


class Grading:
    """The run that is graded, and the draws that grade it."""

    def __init__(self, history: History, run: RunRow[RunFitted], level: float) -> None:
        self.history, self.run, self.level = history, run, level
        self.votes = history.votes(run.payload.votes_run)
        human, self._gone = history.human(self.votes)
        human = human.without_second_opinions()  # asked where labels contradict answers: they grade labels up
        self.audits = Audits(history, self.votes, human)
        self._samples: dict[tuple[str, ...], AuditSample] = {}

    def notes(self) -> tuple[str, ...]:
        """Say what a reader has to know of all figures together."""
        notes = [*self._gone, *self.audits.notes()]
        if changed := self.history.changed_answers(self.run):
            notes.append(
                f"{changed} answers came or changed after run {self.run.run}: run `wsal fit` to use them"
            )
        shown = sum(
            answer.hints_shown and answer.purpose == "audit" and answer.outcome == "label"
            for answer in self.history.store.answers()
        )
        if late := self._rules_after_answers():
            notes.append(
                f"rules loaded when audit answers were there: {', '.join(late)}. Cross-fitting cannot undo what their "
                "authors may have read in them; `wsal estimate --certify N` can"
            )
        if later := self._fitted_after_the_certificate():
            notes.append(later)
        if shown:
            notes.append(
                f"{shown} audit answers were given with the votes in view, which may have swayed them"
            )
        return tuple(notes)

    def _rules_after_answers(self) -> tuple[str, ...]:
        drawn = {draw.item for batch in self.audits.batches for draw in batch.draws}
        first = min((seq for item, seq in self._first_answered.items() if item in drawn), default=None)
        if first is None:
            return ()
        return tuple(name for name in self.votes.lf_names if self._loaded.get(name, 0) > first)

    def refusal(self) -> str:
        """Say why there is no accuracy."""
        n = len(self.audits.human)
        waiting = sum(batch.n_open for batch in self.audits.all_batches)
        gone = any(answer.outcome == "label" for answer in self.history.store.answers())
        if n == 0:
            why = "no answered item is in the data" if gone else "nobody has answered anything yet"
        else:
            why = (
                f"{n} items were answered, but none of them was drawn at random: they were chosen by a model or by "
                "whoever imported them. How often labels agree with such answers says nothing of the other items, "
                "and labels learn from answers; that rate is no accuracy"
            )
        return f"{why}; {waiting} audit items wait for an answer" if waiting else why

    def balance(self) -> Iterator[Figure]:
        """Share of each class among all items."""
        sample = self._sample(self.audits.batches)
        n = count_answers(sample, ~sample.missing)
        for y, name in enumerate(self.votes.labels):
            yield Figure("class balance", name, class_share(sample, y, level=self.level), n, "audit draws")

    def rule(self, name: str) -> tuple[Figure | None, int]:
        """Precision of a rule over all its votes, and the answered draws among them."""
        labels = self.votes.values[:, self.votes.lf_names.index(name)].astype(np.int64)
        labelling = Labelling.fixed(labels)
        batches, design = self._after_the_rules((name,), labels != ABSTAIN)
        sample = self._sample(batches)
        n = count_answers(sample, (labels != ABSTAIN)[sample.rows] & ~sample.missing)
        if n < _FEW_ANSWERS:
            return None, n
        found = replace(accuracy(sample, labelling, level=self.level), name=f"precision of rule {name}")
        return Figure("rule", name, found, n, design), n

    def sample_for_rule(self, name: str) -> AuditSample | None:
        """Return the draws that a rule may be graded on; None where there are none."""
        if not self.audits.batches:
            return None
        labels = self.votes.values[:, self.votes.lf_names.index(name)]
        return self._sample(self._after_the_rules((name,), labels != ABSTAIN)[0])

    def sample_for_labels(self) -> AuditSample | None:
        """Return the draws that labels may be graded on; None where there are none."""
        return self._sample(self.audits.batches) if self.audits.batches else None

    def labels(
        self,
        labelling: Labelling,
        design: str,
        *,
        batches: tuple[AuditBatch, ...] | None = None,
        run: str = "",
        group: Group = "labels",
    ) -> Iterator[Figure]:
        """Accuracy of the labels, and precision, recall and F1 of each class."""
        sample = self._sample(self.audits.batches if batches is None else batches)
        given = labelling.at_draws(sample)

        def figure(
            subject: str, find: Callable[[AuditSample], Estimate], label: int | None, *, both: bool
        ) -> Figure:
            inside = given != ABSTAIN if label is None else given == label
            n = count_answers(sample, (inside | both) & ~sample.missing)
            return Figure(group, subject, find(sample), n, design, run or self.run.run)

        yield figure("all", lambda s: accuracy(s, labelling, level=self.level), None, both=False)
        for y, name in enumerate(self.votes.labels):
            for find, both in ((precision, False), (recall, True), (f1, True)):
                yield figure(
                    name, partial(find, labelling=labelling, label=y, level=self.level), y, both=both
                )

    def certificate(self) -> Iterator[Figure]:
        """Grade the labels of a frozen run by the draws that were made for it; the newest such draws."""
        batch = next((b for b in reversed(self.audits.batches) if b.about.certifies), None)
        if batch is None or any(row.seq > batch.seq for row in self.history.store.class_changes()):
            return  # labels of other classes than the answers have now cannot be graded by them
        soft = self.history.soft_labels(batch.about.run)
        row_of = {item: row for row, item in enumerate(soft.item_ids.tolist())}
        hard = soft.hard()[[row_of[item] for item in self.votes.item_ids.tolist()]]
        design = f"certified: run {batch.about.run} was frozen before the draws"
        yield from self.labels(
            Labelling.fixed(hard), design, batches=(batch,), run=batch.about.run, group="certificate"
        )

    def _fitted_after_the_certificate(self) -> str:
        batch = next((b for b in reversed(self.audits.all_batches) if b.about.certifies), None)
        if batch is None or self.run.seq < batch.seq:
            return ""
        return (
            f"run {self.run.run} was fitted after the draws that certify run {batch.about.run}, and may have learnt "
            f"from their answers: the certificate speaks of run {batch.about.run} alone"
        )

    def filter(self, label: str, within: Sequence[str]) -> Iterator[Figure]:
        """Say what a pre-filter misses of a class."""
        y, values = self.votes.labels.index(label), self.votes.values
        if within:
            rules = tuple(within)
            columns = [self.votes.lf_names.index(name) for name in rules]
            kept = (values[:, columns] != ABSTAIN).any(axis=1)
            subject = f"votes of {', '.join(rules)}"
        else:
            kept = (values == y).any(axis=1)
            votes_for = (values == y).any(axis=0).tolist()
            rules = tuple(n for n, yes in zip(self.votes.lf_names, votes_for, strict=True) if yes)
            subject = f"any vote for {label}"
        batches, design = self._after_the_rules(rules, np.ones(len(kept), dtype=np.bool_))
        sample = self._sample(batches)
        found = missed_positives(sample, kept, y, level=self.level)
        away = count_answers(sample, ~kept[sample.rows] & ~sample.missing)
        for estimate_, n in (
            (found.count, away),
            (found.rate, away),
            (found.share, count_answers(sample, ~sample.missing)),
        ):
            yield Figure("filter", subject, estimate_, n, design)

    def _after_the_rules(
        self, rules: Sequence[str], region: NDArray[np.bool_]
    ) -> tuple[tuple[AuditBatch, ...], str]:
        """Return the batches that rules may be graded on, and what makes that honest.

        Draws made after a rule was loaded are fresh for it, whatever was known before. Where these are too few,
        all draws are taken, and it is said how many answers were there before the rule.
        """
        newest = max((self._loaded.get(name, 0) for name in rules), default=0)
        every = self.audits.batches
        later = tuple(batch for batch in every if batch.seq > newest)
        fresh = "drawn after the rules were loaded"
        if len(later) == len(every):
            return every, fresh
        if later and len(self._answered_in(later, region)) >= _FEW_ANSWERS:
            return later, fresh
        ids = self._answered_in(every, region)
        before = sum(self._first_answered.get(item, newest + 1) <= newest for item in ids)
        these = "the rules" if len(rules) > 1 else "the rule"
        return every, f"{these} came after {before} of {len(ids)} answers: right if written without them"

    def _answered_in(self, batches: tuple[AuditBatch, ...], region: NDArray[np.bool_]) -> list[ItemId]:
        sample = self._sample(batches)
        rows = np.unique(sample.rows[region[sample.rows] & ~sample.missing])
        found: list[ItemId] = self.votes.item_ids[rows].tolist()
        return found

    def _sample(self, batches: tuple[AuditBatch, ...]) -> AuditSample:
        key = tuple(batch.about.batch for batch in batches)
        if key not in self._samples:
            self._samples[key] = self.audits.sample(batches)
        return self._samples[key]

    @cached_property
    def _loaded(self) -> dict[str, int]:
        """The row of the ledger that first loaded each rule in the version of the run."""
        first = {(v.name, v.fingerprint): v.first_seq for v in self.history.store.rules(current=False)}
        prints = zip(self.votes.lf_names, self.votes.lf_fingerprints, strict=True)
        return {name: first.get((name, fingerprint or ""), 0) for name, fingerprint in prints}

    @cached_property
    def _first_answered(self) -> dict[ItemId, int]:
        """The row of the ledger in which each item was first answered, taken back or not."""
        first: dict[ItemId, int] = {}
        for answer in self.history.store.answers(current=False):
            if answer.outcome == "label":
                first.setdefault(answer.item, answer.seq)
        return first


def count_answers(sample: AuditSample, where: NDArray[np.bool_]) -> int:
    """Count the different items among some draws."""
    return len(np.unique(sample.rows[where]))

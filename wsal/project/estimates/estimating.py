"""Estimates: how good rules, labels and pre-filters are, from the audit draws of a project."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from wsal.audit import Estimated
from wsal.errors import InputError, did_you_mean
from wsal.estimation import Labelling, sample_size_for_recall, sample_size_for_share
from wsal.features import FeatureMatrix
from wsal.project.estimates.figures import Estimates, Figure
from wsal.project.estimates.grading import Grading, count_answers
from wsal.project.history import History
from wsal.project.runs.cross_fitting import OnFold, cross_fitted
from wsal.project.runs.duplicates import read_duplicates
from wsal.project.runs.material import Material

__all__ = ["estimate", "labelling_for_grading"]


def estimate(
    material: Material,
    *,
    missed: Sequence[str] = (),
    within: Sequence[str] = (),
    level: float = 0.95,
    on_fold: OnFold | None = None,
) -> Estimates:
    """Estimate everything that the audit draws of a project allow, and keep it in the ledger.

    Parameters
    ----------
    material : Material
    missed : sequence of str
        Classes whose items a pre-filter may miss.
    within : sequence of str
        Rules that make the pre-filter: an item is kept where one of them votes. Where none is named, an item is
        kept where any rule votes for the class.
    level : float
    on_fold : callable, optional
        Is told how far cross-fitting is.

    Raises
    ------
    InputError
        There is no run of `fit` yet, the data changed since, or a class or rule that is none.
    """
    history = material.history
    run = history.run("run_fitted")
    history.require_same_classes(run)
    material.require_same_data(history.run("run_applied", run.payload.votes_run).payload)
    seq = history.store.head().seq
    found = _estimates(history, material.features, missed=missed, within=within, level=level, on_fold=on_fold)
    if history.store.read_only:
        unrecorded = "these estimates are not in the ledger: the project can be read alone here"
        return replace(found, notes=(*found.notes, unrecorded))
    _record(found, history=history, answers_seq=seq)
    return found


def _estimates(
    history: History,
    features: FeatureMatrix | None,
    *,
    missed: Sequence[str],
    within: Sequence[str],
    level: float,
    on_fold: OnFold | None,
) -> Estimates:
    run = history.run("run_fitted")
    grading = Grading(history, run, level)
    for name in missed:
        grading.votes.labels.index(name)
    _require_rules(within, grading.votes.lf_names)
    notes, batches = grading.notes(), grading.audits.batches
    sample = grading.audits.sample(batches) if batches else None
    if sample is None or sample.missing.all():
        return Estimates(run.run, grading.votes.n_items, 0, 0, (), (), grading.refusal(), _plans(), notes)
    figures, too_few = list(grading.balance()), []
    for rule in grading.votes.lf_names:
        figure, n = grading.rule(rule)
        if figure is None:
            too_few.append((rule, n))
        else:
            figures.append(figure)
    labels = labelling_for_grading(grading, features, on_fold)
    if isinstance(labels, str):
        notes = (*notes, labels)
    else:
        figures += grading.labels(*labels)
    figures += grading.certificate()
    for name in missed:
        figures += grading.filter(name, within)
    return Estimates(
        run.run,
        grading.votes.n_items,
        len(sample),
        count_answers(sample, ~sample.missing),
        tuple(figures),
        tuple(too_few),
        "",
        _enough(figures, grading.votes.n_items),
        notes,
    )


def _record(found: Estimates, *, history: History, answers_seq: int) -> None:
    """Write what was estimated to the ledger, unless the same was written last."""
    figures = tuple(figure.to_record() for figure in found.figures)
    made = Estimated(found.run_id, answers_seq, figures)
    last = None
    for entry in history.store.events("estimated"):
        last = entry.event.payload()
    same = isinstance(last, Estimated) and (last.run, last.figures) == (made.run, made.figures)
    if figures and not same:
        history.append(made)


def labelling_for_grading(
    grading: Grading, features: FeatureMatrix | None, on_fold: OnFold | None
) -> tuple[Labelling, str] | str:
    """Return labels that no answer has trained that grades them, and what makes them so; or why there are none."""
    history, run = grading.history, grading.run
    trained, _ = history.human(grading.votes, as_of=run.payload.answers_seq)
    if len(trained) == 0:
        hard = history.soft_labels(run.run).hard()
        return Labelling.fixed(hard), f"no answer trained run {run.run}"
    if len(grading.audits.human) < 2:
        return "one answer cannot grade labels that it trained: answer more items"
    kept = read_duplicates(run.payload, grading.votes.item_ids, history=history)
    crossed = cross_fitted(
        grading.votes,
        run.payload,
        trained=trained,
        answered=grading.audits.known,
        features=features,
        duplicates=None if kept is None else kept.groups,
        on_fold=on_fold,
    )
    return crossed, f"cross-fitted in {len(crossed.labels)} folds: conservative"


def _require_rules(names: Sequence[str], known: Sequence[str]) -> None:
    for name in names:
        if name not in known:
            raise InputError(
                f"there is no rule {name!r} in the last run",
                hint=did_you_mean(name, known) or "`wsal rules` lists them",
            )


def _plans() -> tuple[str, ...]:
    """Say what sample would be enough where there is none."""
    any_, high = (sample_size_for_share(share, half_width=0.05) for share in (0.5, 0.95))
    line = (
        f"{any_} audit draws give the accuracy within 5 points whatever it is, {high} if about 95 % of the labels "
        "are right: `wsal estimate --certify N` draws them"
    )
    return (line,)


def _enough(figures: Sequence[Figure], n_items: int) -> tuple[str, ...]:
    """Say how many answered draws would make the accuracy and the recall of the rarest class sharp."""
    labels = [f for f in figures if f.group == "labels" and not math.isnan(f.estimate.value)]
    overall = next((f for f in labels if f.subject == "all"), None)
    lines = []
    if overall is not None and overall.estimate.width > 0.1:
        n = sample_size_for_share(overall.estimate.value, half_width=0.05)
        lines.append(f"about {n} audit draws in all would give the accuracy within 5 points")
    shares = [f for f in figures if f.group == "class balance" and f.estimate.value > 0]
    rare = min(shares, key=lambda f: f.estimate.value, default=None)
    found = rare and next(
        (f for f in labels if f.subject == rare.subject and f.estimate.name.startswith("recall")), None
    )
    if rare is not None and found is not None and found.estimate.low < 0.8:
        positives = found.estimate.value * rare.estimate.value * n_items
        if positives > 0:
            n = sample_size_for_recall(0.8, n_uncovered=n_items, true_positives=positives)
            lines.append(
                f"to certify a recall of 0.80 for {rare.subject}: about {n} answered draws among the items not "
                f"labelled so, if no miss is found; rules that find more of {rare.subject} make it cheaper"
            )
    return tuple(lines)

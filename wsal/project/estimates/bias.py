"""Bias: what rules and labels do in one group of items and not in the others, and who carries it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from wsal.analysis import CarriedGap, Groups, RateGap, Subject, carried_gaps, group_by, rate_gaps
from wsal.analysis.bias_rates import FEW_ITEMS, LABELS, RULES
from wsal.errors import InputError, did_you_mean
from wsal.estimation import Labelling
from wsal.estimation.by_group import ErrorCase, GroupErrors, error_gaps
from wsal.project.estimates.estimating import labelling_for_grading
from wsal.project.estimates.grading import Grading
from wsal.project.runs.cross_fitting import OnFold, covered_items
from wsal.project.runs.material import Material

__all__ = ["BiasReport", "bias_report"]


@dataclass(frozen=True)
class BiasReport:
    """What is said by group.

    Parameters
    ----------
    column : str
    groups : tuple of (str, int)
        Name and items of each.
    votes_run, labels_run : str
        The runs that it speaks of; the latter is empty where nothing was fitted.
    level : float
        1 − level is the chance that anything is flagged where there is nothing.
    rates : tuple of RateGap
        The surest first.
    carried : tuple of CarriedGap
        For each class the group that differs most, and for each flagged gap of labels: which rules carry it.
    errors : tuple of GroupErrors
        From audit draws alone; the largest gap first.
    too_few : tuple of (str, str, int)
        Subject, group and answered draws where these are too few for a gap of errors.
    warnings : tuple of str
        What a reader has to know first.
    notes : tuple of str
    """

    column: str
    groups: tuple[tuple[str, int], ...]
    votes_run: str
    labels_run: str
    level: float
    rates: tuple[RateGap, ...]
    carried: tuple[CarriedGap, ...]
    errors: tuple[GroupErrors, ...]
    too_few: tuple[tuple[str, str, int], ...]
    warnings: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def flagged(self) -> tuple[RateGap, ...]:
        """Gaps of rates that are shown to be there."""
        return tuple(one for one in self.rates if one.flagged)

    @property
    def flagged_errors(self) -> tuple[GroupErrors, ...]:
        """Gaps of errors that are shown to be there."""
        return tuple(one for one in self.errors if one.flagged)

    @property
    def suspects(self) -> tuple[str, ...]:
        """Rules with a flagged gap of rates, the surest first."""
        names = (one.subject for one in self.flagged if one.subject not in (LABELS, RULES))
        return tuple(dict.fromkeys(names))

    def to_dict(self) -> dict[str, Any]:
        """Return everything for JSON; a figure that is not there is null."""
        values = asdict(self) | {"suspects": list(self.suspects)}
        values["groups"] = [{"name": name, "n_items": n} for name, n in self.groups]
        values["carried"] = [asdict(one) | {"gap": one.gap} for one in self.carried]
        values["too_few"] = [
            {"subject": subject, "group": group, "n_answers": n} for subject, group, n in self.too_few
        ]
        found: dict[str, Any] = _without_nan(values)
        return found


def bias_report(
    material: Material,
    *,
    by: str,
    bins: int = 4,
    edges: Sequence[float] | None = None,
    level: float = 0.95,
    on_fold: OnFold | None = None,
) -> BiasReport:
    """Compare the groups that a column makes.

    Parameters
    ----------
    material : Material
    by : str
        The column.
    bins, edges
        How numbers are cut; see `wsal.analysis.group_by`.
    level : float
        Of all flags together, half of 1 − level for rates and half for errors; and of each interval of a rate.
    on_fold : callable, optional
        Is told how far cross-fitting is.

    Raises
    ------
    InputError
        Nothing was applied yet, the data changed since, or the column makes no groups.
    """
    history = material.history
    fitted = history.store.latest_run("run_fitted")
    applied = history.run("run_applied", None if fitted is None else fitted.payload.votes_run)
    material.require_same_data(applied.payload)
    groups = _groups(material, by, bins, edges)
    votes = history.votes(applied.run)
    subjects = [Subject(RULES, covered_items(votes).astype(int) - 1, ("covered",), "no rule votes")]
    subjects += [
        Subject.of_rule(name, votes.values[:, j], votes.labels) for j, name in enumerate(votes.lf_names)
    ]
    carried: tuple[CarriedGap, ...] = ()
    errors: tuple[GroupErrors, ...] = ()
    too_few: tuple[tuple[str, str, int], ...] = ()
    notes = list(groups.notes)
    if fitted is not None:
        hard = history.soft_labels(fitted.run).hard()
        subjects.append(Subject(LABELS, hard, votes.labels.names, "no label"))
    rates = rate_gaps(subjects, groups, alpha=(1 - level) / 2, level=level)
    if fitted is not None:
        wanted = _wanted(rates, votes.labels.names)
        carried = carried_gaps(votes.patterns(), history.model(fitted), groups, wanted=wanted)
        grading = Grading(history, fitted, level)
        cases, said = _cases(grading, material, on_fold)
        errors, too_few = error_gaps(cases, groups.codes, groups.names, alpha=(1 - level) / 2, level=level)
        notes += [*grading.notes(), *said]
    return BiasReport(
        by,
        tuple(zip(groups.names, groups.sizes.tolist(), strict=True)),
        applied.run,
        "" if fitted is None else fitted.run,
        level,
        rates,
        carried,
        errors,
        too_few,
        tuple(_warnings(groups, has_labels=fitted is not None, errors=errors)),
        tuple(notes),
    )


def _groups(material: Material, by: str, bins: int, edges: Sequence[float] | None) -> Groups:
    items = material.items
    if by not in items.columns:
        raise InputError(
            f"there is no column {by!r} in {material.config.data_path.name}",
            hint=did_you_mean(by, items.columns) or f"its columns are {', '.join(items.columns)}",
        )
    return group_by(by, items.column(by), bins=bins, edges=edges)


def _wanted(rates: Sequence[RateGap], classes: Sequence[str]) -> list[tuple[str, str]]:
    """Return the gaps of labels worth explaining: each flagged one, and the largest of each class."""
    of_labels = [one for one in rates if one.subject == LABELS and one.outcome in classes]
    found = [(one.outcome, one.group) for one in of_labels if one.flagged]
    for name in classes:
        # The commoner of two classes is not tested by itself: its gaps are those of the other.
        own = [one for one in of_labels if one.outcome == name] or of_labels
        if own:
            found.append((name, max(own, key=lambda one: abs(one.gap.value)).group))
    return list(dict.fromkeys(found))


def _cases(
    grading: Grading, material: Material, on_fold: OnFold | None
) -> tuple[list[ErrorCase], tuple[str, ...]]:
    """Return what can be graded, with the draws for it, and why the rest cannot."""
    sample = grading.sample_for_labels()
    if sample is None or sample.missing.all():
        return [], (f"no gap of errors: {grading.refusal()}",)
    labels = labelling_for_grading(grading, material.features, on_fold)
    votes, cases = grading.votes, []
    if not isinstance(labels, str):
        cases.append(ErrorCase(LABELS, sample, labels[0]))
        cases += [ErrorCase(f"{LABELS}: {name}", sample, labels[0], y) for y, name in enumerate(votes.labels)]
    for j, name in enumerate(votes.lf_names):
        own = grading.sample_for_rule(name)
        if own is not None:
            cases.append(ErrorCase(name, own, Labelling.fixed(votes.values[:, j])))
    return cases, (labels,) if isinstance(labels, str) else ()


def _warnings(groups: Groups, *, has_labels: bool, errors: Sequence[GroupErrors]) -> Iterator[str]:
    for name, n in zip(groups.names, groups.sizes.tolist(), strict=True):
        if n < FEW_ITEMS:
            yield f"{name}: {n} items are too few to go by, whatever is said of them"
    if not has_labels:
        yield "nothing was fitted yet: rules alone are compared; run `wsal fit` for the labels"
    elif not errors:
        yield (
            "nothing is known of errors by group: there are too few answers to audit items. A gap of rates alone "
            "does not say whether labels are wrong more often in a group"
        )
    yield (
        "a gap says that rule or label and group go together; not why, and not that it is unjust: groups may truly "
        "differ. Nor does a gap that is not flagged show that there is none"
    )


def _without_nan(value: Any) -> Any:  # noqa: ANN401  # a tree for JSON
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _without_nan(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(one) for one in value]
    return value

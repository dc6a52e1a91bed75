"""Where a project stands, in frozen reports: runs, rules, and what to do next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, get_args

from wsal.analysis import LFAnalysis, TrustReport
from wsal.audit import RunApplied, RunFitted
from wsal.engines import VoteParts
from wsal.errors import WsalError
from wsal.labels import HumanLabels, SoftLabels, Source
from wsal.project.history import History, labels_in_parts
from wsal.project.runs.fitting import read_trust
from wsal.project.runs.material import Material
from wsal.project.runs.reports import ApplyRun, FitRun, RuleRow, Status
from wsal.project.runs.stopping import stop_rules, stopping
from wsal.store import RuleRow as RuleVersionRow
from wsal.store import RunRow, read_json
from wsal.votes import LFFailure, VoteMatrix

__all__ = [
    "apply_run",
    "failure_notes",
    "fit_run",
    "parts_fit_run",
    "rule_rows",
    "status_of",
]


def apply_run(run: str, votes: VoteMatrix | VoteParts, notes: tuple[str, ...] = ()) -> ApplyRun:
    """Report a run of `apply`."""
    analysis = LFAnalysis(votes.patterns())
    return ApplyRun(
        run,
        votes.n_items,
        votes.n_lfs,
        votes.patterns().n_patterns,
        analysis.coverage,
        analysis.overlap,
        analysis.conflict,
        notes,
    )


def fit_run(
    fitted: RunFitted, soft: SoftLabels, trust: TrustReport | None, notes: tuple[str, ...] = ()
) -> FitRun:
    """Report a run of `fit`."""
    hard = soft.hard()
    return FitRun(
        run_id=fitted.run,
        votes_run=fitted.votes_run,
        n_items=len(hard),
        n_answers=fitted.n_answers,
        n_unlabelled=int((hard < 0).sum()),
        label_counts={name: int((hard == y).sum()) for y, name in enumerate(soft.labels)},
        sources={name: int((soft.sources == name).sum()) for name in get_args(Source)},
        n_iter=fitted.n_iter,
        stop_reason=fitted.stop_reason,
        notes=notes,
        trust="" if trust is None else trust.sentence,
        n_findings=0 if trust is None else len(trust.findings),
    )


def parts_fit_run(
    fitted: RunFitted,
    kept: Any,  # noqa: ANN401  # JSON
    trust: TrustReport | None,
    notes: tuple[str, ...] = (),
) -> FitRun:
    """Report a run of `fit` whose labels are in parts, by the list of its files."""
    counts, sources = dict(kept["label_counts"]), dict.fromkeys(get_args(Source), 0) | kept["sources"]
    return FitRun(
        run_id=fitted.run,
        votes_run=fitted.votes_run,
        n_items=kept["n_items"],
        n_answers=fitted.n_answers,
        n_unlabelled=kept["n_items"] - sum(counts.values()),
        label_counts=counts,
        sources=sources,
        n_iter=fitted.n_iter,
        stop_reason=fitted.stop_reason,
        notes=notes,
        trust="" if trust is None else trust.sentence,
        n_findings=0 if trust is None else len(trust.findings),
    )


def failure_notes(failures: Iterable[LFFailure]) -> tuple[str, ...]:
    """Say which rules raised, where that was tolerated."""
    return tuple(
        f"{f.lf_name} raised on {f.count} items and abstained there; first on {f.first_item!r}: "
        f"{f.first_traceback.strip().splitlines()[-1]}"
        for f in failures
    )


def rule_rows(
    votes: VoteMatrix, human: HumanLabels, versions: Iterable[RuleVersionRow]
) -> tuple[RuleRow, ...]:
    """Report the rules of a run of `apply`."""
    by_name = {version.name: version for version in versions}
    rows = []
    for line, fingerprint in zip(LFAnalysis(votes, human).summary(), votes.lf_fingerprints, strict=True):
        version = by_name.get(line.name)
        rows.append(
            RuleRow(
                line.name,
                line.polarity,
                version.author if version else "",
                version.why if version else "",
                fingerprint,
                line.coverage,
                line.overlaps,
                line.conflicts,
                line.n_answered,
                line.n_right,
            )
        )
    return tuple(rows)


def status_of(material: Material) -> Status:
    """Report where a project stands and what to do next."""
    history = material.history
    store, config = history.store, history.config
    applied, fitted = store.latest_run("run_applied"), store.latest_run("run_fitted")
    answers = Counter(answer.purpose for answer in store.answers() if answer.outcome == "label")
    head, n_open = store.head(), len(history.open_draws())
    return Status(
        config.name,
        config.labels.names,
        apply_run(applied.run, history.vote_parts(applied.run) or history.votes(applied.run))
        if applied
        else None,
        _fit_run(fitted, history) if fitted else None,
        dict(sorted(answers.items())),
        n_open,
        head.seq,
        head.hash,
        _advice(material, applied, fitted, n_open),
        stopping(history, stop_rules(config)) if fitted and _can_stop(history, fitted) else None,
    )


def _fit_run(fitted: RunRow[RunFitted], history: History) -> FitRun:
    trust = read_trust(fitted.payload, history=history)
    if labels_in_parts(fitted.payload):
        kept = read_json(fitted.payload.soft_labels, root=history.config.folder)
        return parts_fit_run(fitted.payload, kept, trust)
    return fit_run(fitted.payload, history.soft_labels(fitted.run), trust)


def _can_stop(history: History, run: RunRow[RunFitted]) -> bool:
    """Whether advice to stop can be given: labels are in one file, and of the classes of now."""
    return not labels_in_parts(run.payload) and not any(
        c.seq > run.seq for c in history.store.class_changes()
    )


def _advice(
    material: Material, applied: RunRow[RunApplied] | None, fitted: RunRow[RunFitted] | None, n_open: int
) -> str:
    if applied is None:
        return "run `wsal check`, then `wsal apply`"
    return (
        _advice_on_data(material, applied.payload)
        or _advice_on_runs(material.history, applied, fitted)
        or _advice_on_work(fitted, n_open)
    )


def _advice_on_data(material: Material, applied: RunApplied) -> str | None:
    """Say that the data is not what the rules voted on; of parts, where every byte would be read, nothing."""
    name = material.config.data_path.name
    try:
        same = material.parts is not None or material.items.fingerprint == applied.data_fingerprint
    except WsalError:  # which says at length what is wrong, where somebody asks for the data
        return f"{name} cannot be read: `wsal check` says why"
    return None if same else f"{name} changed after the last apply: run `wsal apply`, then `wsal fit`"


def _advice_on_runs(
    history: History, applied: RunRow[RunApplied], fitted: RunRow[RunFitted] | None
) -> str | None:
    if changes := [row for row in history.store.class_changes() if row.seq > applied.seq]:
        return f"the classes changed after the last run ({changes[-1].change}): run `wsal apply`, then `wsal fit`"
    if fitted is None:
        return "run `wsal fit`"
    if applied.seq > fitted.seq:
        return "the rules were applied after the last fit: run `wsal fit`"
    if changed := history.changed_answers(fitted):
        return f"{changed} answers came or changed after the last fit: run `wsal fit`"
    return None


def _advice_on_work(fitted: RunRow[RunFitted] | None, n_open: int) -> str:
    if n_open:
        return f"{n_open} items wait for an answer: run `wsal label`, or `wsal import` a file of answers"
    return (
        "run `wsal import` with a file of answers, or `wsal export` the labels into a folder"
        if fitted is not None and labels_in_parts(fitted.payload)
        else "run `wsal label` to answer the items that matter most, or `wsal export` the labels"
    )

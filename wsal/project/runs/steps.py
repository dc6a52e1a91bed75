"""The two steps that make a run: rules vote (`apply`), and votes and answers become labels (`fit`); and a dry one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from wsal.analysis import LFAnalysis, trust_report
from wsal.audit import DataLoaded, RuleCost, RuleRef, RulesLoaded, RunApplied
from wsal.engines import Swept, VoteCache, apply
from wsal.label_models import LabelModel
from wsal.project.history import History
from wsal.project.rules.changes import changed_rules
from wsal.project.rules.dry_run import SAMPLE, DryRun, RuleEdit
from wsal.project.rules.loading import load_project_packs, load_project_rules, require_columns, rule_version
from wsal.project.runs.circumstances import software_here, write_packs
from wsal.project.runs.duplicates import find_in_project
from wsal.project.runs.fitting import balance_note, write_fit
from wsal.project.runs.material import Material
from wsal.project.runs.parts import apply_to_parts, fit_parts
from wsal.project.runs.reports import ApplyRun, FitRun
from wsal.project.runs.standing import apply_run, failure_notes, fit_run
from wsal.project.runs.vouched_votes import Rewriting, column_hashes, contradicted_columns
from wsal.store import write_votes
from wsal.training import deliver
from wsal.votes import VoteMatrix

__all__ = ["asked_for_again", "dry_run", "run_apply", "run_fit"]

_RUNS_KEPT: Final = 5  # runs of `apply` whose rules keep their votes in the cache: an edit may be taken back


def run_apply(
    material: Material,
    *,
    fault_tolerant: bool = False,
    allow_python: bool = True,
    progress: bool = False,
    workers: int = 1,
) -> ApplyRun:
    """Let every rule vote on every item, and keep the votes.

    Raises
    ------
    InputError
        A pack cannot be used, or a rule reads a column that the data does not have.
    LabelingFunctionError
        A rule raises, and that is not to be tolerated.
    StoreError
        The project can be read alone.
    """
    material.history.store.require_writable()
    if material.parts is not None:
        return apply_to_parts(
            material,
            material.parts,
            fault_tolerant=fault_tolerant,
            allow_python=allow_python,
            progress=progress,
            workers=workers,
        )
    items, history, config = material.items, material.history, material.config
    packs = load_project_packs(config, allow_python=allow_python)
    lfs = [rule for pack in packs for rule in pack.rules]
    require_columns(lfs, items, config.data_path)
    cache = material.cache

    def vote(cache: VoteCache) -> VoteMatrix:
        return apply(
            lfs,
            items,
            labels=config.labels,
            fault_tolerant=fault_tolerant,
            progress=progress,
            cache=cache,
            workers=workers,
        )

    votes = vote(cache)
    hashes = column_hashes(votes)
    forged = contradicted_columns(votes, hashes, history, data_fingerprint=items.fingerprint)
    cached = {name for name, cost in zip(votes.lf_names, votes.costs, strict=True) if cost is None}
    unsteady: Mapping[str, str] = forged
    if cached & forged.keys():  # what was computed just now needs no second look
        votes = vote(Rewriting(cache))
        hashes = column_hashes(votes)
        unsteady = contradicted_columns(votes, hashes, history, data_fingerprint=items.fingerprint)
    with history.new_run("run_applied") as run:
        applied = RunApplied(
            run,
            write_votes(votes, root=config.folder, run=run),
            tuple(RuleRef(*pair) for pair in zip(votes.lf_names, votes.lf_fingerprints, strict=True)),
            items.fingerprint,
            votes.n_items,
            votes.n_lfs,
            votes.patterns().n_patterns,
            LFAnalysis(votes).coverage,
            tuple(
                RuleCost(name, cost.cpu_seconds, cost.n_items, cost.n_sharing)
                for name, cost in zip(votes.lf_names, votes.costs, strict=True)
                if cost is not None
            ),
            write_packs(packs, history=history, run=run),
            software_here(),
            hashes,
        )
        history.append(
            RulesLoaded(tuple(rule_version(lf) for lf in lfs)),
            DataLoaded(history.name_of(config.data_path), items.fingerprint, items.n_items),
            applied,
        )
    swept = cache.sweep(asked_for_again(history))
    notes = (*failure_notes(votes.failures), *_cache_notes(forged, unsteady), *_swept_notes(swept))
    return apply_run(run, votes, (*items.notes, *notes))


def _cache_notes(forged: Mapping[str, str], unsteady: Mapping[str, str]) -> Iterator[str]:
    """Say which cached columns an earlier run contradicts, and which rules contradict themselves."""
    for rule, run in forged.items():
        if rule in unsteady:
            yield (
                f"{rule} votes otherwise than in run {run}, though neither the rule nor the data changed: what it "
                "votes depends on more than it says"
            )
        else:
            yield (
                f"the cache held other votes of {rule} than run {run} recorded, so all votes were computed again: "
                "somebody changed .wsal/cache, or it is damaged"
            )


def asked_for_again(history: History) -> set[str]:
    """Return the fingerprints of the rules of the last runs of `apply`, that of now among them."""
    applied = [row.payload for row in history.store.runs("run_applied")]
    return {
        rule.fingerprint
        for payload in applied[-_RUNS_KEPT:]
        for rule in payload.rules
        if rule.fingerprint is not None
    }


def _swept_notes(swept: Swept) -> tuple[str, ...]:
    if not swept.n_columns:
        return ()
    columns = "1 column" if swept.n_columns == 1 else f"{swept.n_columns} columns"
    whose = f"rules that none of the last {_RUNS_KEPT} runs had, or data long changed"
    return (f"{columns} of votes ({swept.n_bytes / 2**20:.1f} MiB) left the cache: {whose}",)


def dry_run(
    material: Material, rule: str, *, allow_python: bool = True, progress: bool = False, sample: int = SAMPLE
) -> Iterator[DryRun]:
    """Yield what a rule as it is now written would change since the last `apply`: in a sample, then in all.

    Raises
    ------
    InputError
        There is no such rule, a rule cannot be used, nothing was applied yet, or the data changed since.
    """
    history, config = material.history, material.config
    run = history.run("run_applied")
    applied = run.payload
    history.require_same_classes(run)
    material.require_same_data(applied)
    items = material.items
    lfs = load_project_rules(config, allow_python=allow_python)
    edit = RuleEdit(rule, history.votes(applied.run), applied, lfs)
    require_columns([*edit.own, *edit.referring], items, config.data_path)
    human, _ = history.human(edit.before)
    yield from edit.runs(items, human, cache=material.cache, progress=progress, sample=sample)


def run_fit(material: Material) -> FitRun:
    """Turn the votes of the last `apply` and all answers into soft labels, and keep them.

    Raises
    ------
    InputError
        Nothing was applied yet, or the data changed since.
    StoreError
        The project can be read alone.
    """
    history, config = material.history, material.config
    history.store.require_writable()
    applied = history.run("run_applied")
    history.require_same_classes(applied)
    material.require_same_data(applied.payload)
    changed = changed_rules(config, applied.payload)
    in_parts = history.vote_parts(applied.run)
    if in_parts is not None:
        return fit_parts(material, applied.run, in_parts, notes=changed)
    seq = history.store.head().seq
    votes = history.votes(applied.run)
    human, gone = history.human(votes, as_of=seq)
    found = find_in_project(material.items, history)
    groups = None if found is None else found.groups
    counted = human if groups is None else groups.counted_once(human)
    balance = config.class_balance
    model = LabelModel().fit(votes, human=counted, class_balance=balance)
    delivered = deliver(votes, model, human=human, features=material.features, duplicates=groups)
    trust = None
    if votes.patterns().covered.any():
        trust = trust_report(votes, model, counted, class_balance=None if balance == "audit" else balance)
    with history.new_run("run_fitted") as run:
        fitted = write_fit(
            delivered,
            model,
            trust,
            run=run,
            history=history,
            votes_run=applied.run,
            answers_seq=seq,
            items=material.items,
            duplicates=found,
        )
        history.append(fitted)
    material.keep(fitted.run, delivered)
    return fit_run(fitted, delivered.soft, trust, (*changed, *gone, *balance_note(model)))

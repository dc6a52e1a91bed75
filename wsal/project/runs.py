"""The two steps that make a run: rules vote (`apply`), and votes and answers become labels (`fit`); and a dry one."""

from __future__ import annotations

from collections.abc import Iterator

from wsal.analysis import LFAnalysis, trust_report
from wsal.audit import DataLoaded, RuleRef, RulesLoaded, RunApplied
from wsal.engines import apply
from wsal.label_models import LabelModel
from wsal.project.dry_run import SAMPLE, DryRun, RuleEdit
from wsal.project.duplicates import find_in_project
from wsal.project.fitting import balance_note, write_fit
from wsal.project.material import Material
from wsal.project.reports import ApplyRun, FitRun
from wsal.project.rule_changes import changed_rules
from wsal.project.rules import load_packs, require_columns, rule_version
from wsal.project.standing import apply_run, fit_run
from wsal.store import write_votes
from wsal.training import deliver
from wsal.votes import VoteMatrix

__all__ = ["dry_run", "run_apply", "run_fit"]


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
    """
    items, history, config = material.items, material.history, material.config
    lfs = load_packs(config, allow_python=allow_python)
    require_columns(lfs, items, config.data_path)
    votes = apply(
        lfs,
        items,
        labels=config.labels,
        fault_tolerant=fault_tolerant,
        progress=progress,
        cache=material.cache,
        workers=workers,
    )
    run = history.new_run("run_applied")
    applied = RunApplied(
        run,
        write_votes(votes, root=config.folder, run=run),
        tuple(RuleRef(*pair) for pair in zip(votes.lf_names, votes.lf_fingerprints, strict=True)),
        items.fingerprint,
        votes.n_items,
        votes.n_lfs,
        votes.patterns().n_patterns,
        LFAnalysis(votes).coverage,
    )
    history.append(
        RulesLoaded(tuple(rule_version(lf) for lf in lfs)),
        DataLoaded(history.name_of(config.data_path), items.fingerprint, items.n_items),
        applied,
    )
    return apply_run(run, votes, (*items.notes, *_failures(votes)))


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
    applied = history.run("run_applied").payload
    material.require_same_data(applied)
    items = material.items
    lfs = load_packs(config, allow_python=allow_python)
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
    """
    history, config = material.history, material.config
    applied = history.run("run_applied")
    material.require_same_data(applied.payload)
    changed = changed_rules(config, applied.payload)
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
    fitted = write_fit(
        delivered,
        model,
        trust,
        history=history,
        votes_run=applied.run,
        answers_seq=seq,
        duplicates=found,
    )
    history.append(fitted)
    material.keep(fitted.run, delivered)
    return fit_run(fitted, delivered.soft, trust, (*changed, *gone, *balance_note(model)))


def _failures(votes: VoteMatrix) -> tuple[str, ...]:
    """Say which rules raised, where that was tolerated."""
    return tuple(
        f"{f.lf_name} raised on {f.count} items and abstained there; first on {f.first_item!r}: "
        f"{f.first_traceback.strip().splitlines()[-1]}"
        for f in votes.failures
    )

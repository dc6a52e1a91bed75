"""What an experiment tracker is told of the last run of `fit`."""

from __future__ import annotations

import json
from pathlib import Path

from wsal.audit import FigureRecord
from wsal.audit.canonical import plain
from wsal.errors import WsalError
from wsal.interop.mlflow_runs import TrackedRun
from wsal.project.history import History
from wsal.project.overview import kept_estimates
from wsal.project.project import Project
from wsal.project.runs.circumstances import software_here
from wsal.project.runs.fitting import read_trust

__all__ = ["tracked_run"]

_CARD = "run-card.json"


def tracked_run(project: Project, folder: Path) -> TrackedRun:
    """Gather what is logged of the last run of `fit`, and write its card.

    Estimates are those that `wsal estimate` made of this run, each with its interval; a rate of answers is no estimate
    and is not logged. No person is named.

    Parameters
    ----------
    project : Project
    folder : Path
        Where ``run-card.json`` is written: all that the ledger says of the run, and the trust report.

    Raises
    ------
    InputError
        Nothing was fitted yet.
    """
    history, config = project.history, project.config
    run = history.run("run_fitted")
    fitted = run.payload
    applied = history.run("run_applied", fitted.votes_run).payload
    soft = history.soft_labels(run.run)
    hard = soft.hard()
    parameters = {
        "task": config.name,
        "labels": ", ".join(config.labels),
        "votes run": fitted.votes_run,
        "data fingerprint": applied.data_fingerprint,
        "class balance": str(config.class_balance),
        "strategy": config.strategy,
        "features": ", ".join((*config.text_features, *config.numeric_features, config.vector_feature or "")),
        **{_named("software", one.name): one.version for one in software_here()},
        **{_named("rule", rule.name): (rule.fingerprint or "unknown")[:12] for rule in applied.rules},
    }
    metrics = {
        "votes/rules": float(applied.n_lfs),
        "votes/coverage": applied.coverage,
        "votes/patterns": float(applied.n_patterns),
        "counts/items": float(len(hard)),
        "counts/answers": float(fitted.n_answers),
        "counts/without a label": float((hard < 0).sum()),
        **{_named("counts of label", name): float((hard == y).sum()) for y, name in enumerate(soft.labels)},
    }
    kept = next((one for one in kept_estimates(history) if one.run == run.run), None)
    for figure in () if kept is None else kept.figures:
        metrics |= _figure(figure)
    card = folder / _CARD
    card.write_text(_card(history, run.run), encoding="utf-8")
    tags = {"wsal.project": config.name, "wsal.made": run.time}
    return TrackedRun(run.run, parameters, metrics, tags, (card,))


def _figure(figure: FigureRecord) -> dict[str, float]:
    name = _named(*filter(None, (figure.group, figure.subject, figure.name)))
    point = {} if figure.value is None else {name: figure.value}
    return {**point, f"{name} low": figure.low, f"{name} high": figure.high}


def _named(*parts: str) -> str:
    """Return a name of parts; a slash inside of one would make a folder of what is a file in MLflow's file store."""
    return "/".join(part.replace("/", "_") for part in parts)


def _card(history: History, run_id: str) -> str:
    run = history.run("run_fitted", run_id)
    try:
        trust = read_trust(run.payload, history=history)
    except WsalError:  # no rule voted, or an older wsal made the run
        trust = None
    card = {
        "run": run.run,
        "made": run.time,
        "fit": plain(run.payload),
        "apply": plain(history.run("run_applied", run.payload.votes_run).payload),
        "estimates": [
            plain(f) for kept in kept_estimates(history) if kept.run == run_id for f in kept.figures
        ],
        "trust": None if trust is None else trust.to_dict(),
    }
    return json.dumps(card, ensure_ascii=False, indent=1, default=str) + "\n"

"""``wsal audit lineage``: where labels come from."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wsal.cli.options import note, open_project, say

if TYPE_CHECKING:
    from wsal.audit.lineage import Node
    from wsal.project import Lineage

__all__ = ["lineage"]

_SHORT = 12  # characters of a hash


@click.command(short_help="Show where labels come from.")
@click.argument("what", metavar="[ITEM|RUN]", required=False)
@click.option(
    "--format", "format_", type=click.Choice(["text", "json", "prov", "openlineage"]), default="text",
    show_default=True, help="For people, as a graph in JSON, as W3C PROV-JSON, or as OpenLineage events (one a line).",
)  # fmt: skip
@click.option("--json", "json_", is_flag=True, help="The same as --format json.")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="Write to a file instead of the terminal."
)
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@click.pass_obj
def lineage(  # one parameter an option
    folder: Path, *, what: str | None, format_: str, json_: bool, out: Path | None, force: bool
) -> None:
    """Show where the label of ITEM, or the labels of RUN, come from; of the last run of `wsal fit` where none is named.

    Rules in the version and text of then, answers with who, when, why and whether hints were shown, data by its
    fingerprint, parameters of the model, and versions of software.
    """
    if json_:
        format_ = "json"
    from wsal.project import lineage_of

    found = lineage_of(open_project(folder).history, what)
    written = "\n".join(_in_words(found)) + "\n" if format_ == "text" else found.write(format_)  # type: ignore[arg-type]  # click's choices
    if out is None:
        if format_ == "text":
            say(written, newline=False)
        else:
            click.echo(written, nl=False)
        return
    _save(written, out, force=force)
    note(f"written to {out}")


def _save(written: str, out: Path, *, force: bool) -> None:
    from wsal.project.replacing import refuse_replacing, require_folder
    from wsal.store import write_atomically

    require_folder(out)
    refuse_replacing(out, force=force)

    def write(path: Path) -> None:
        path.write_text(written, encoding="utf-8")

    write_atomically(out, write)


def _in_words(found: Lineage) -> list[str]:
    from wsal.audit.lineage import nodes_of

    by_kind: dict[str, list[Node]] = {}
    for node in nodes_of(found.graph):
        by_kind.setdefault(node.kind, []).append(node)
    lines = [*_label(by_kind.get("label", ()))]
    for kind in ("train", "fit"):
        for run in by_kind.get(kind, ()):
            lines += _run(run)
    for model in by_kind.get("model", ()):
        lines += _model(model)
    answers = by_kind.get("answer", [])
    lines += [_answer(node.facts) for node in answers] if found.item else _people(answers)
    for run in by_kind.get("apply", ()):
        lines += _run(run)
    for data in by_kind.get("data", ()):
        lines.append(
            f"  data: {data.name}, {data.facts['n_items']} items, fingerprint {data.facts['fingerprint']}"
        )
    votes = found.item.votes if found.item else {}
    for rule in by_kind.get("rule", ()):
        lines += _rule(rule, votes.get(rule.name), in_full=found.item is not None)
    for software in by_kind.get("software", ()):
        lines.append(
            "software: " + ", ".join(f"{name} {version}" for name, version in software.facts.items())
        )
    for export in by_kind.get("export", ()):
        facts = export.facts
        lines.append(
            f"exported: {facts['path']} by {facts['actor']}, {facts['time']}, sha256 {facts['sha256']}"
        )
    lines.append(f"ledger: row {found.past.head_seq}, head {found.past.head}")
    return lines


def _label(nodes: Any) -> list[str]:  # noqa: ANN401  # a sequence of nodes
    lines = []
    for node in nodes:
        facts = node.facts
        shares = ", ".join(f"{name} {100 * p:.1f} %" for name, p in facts.get("probabilities", {}).items())
        lines.append(
            f"item {facts['item']}: {facts.get('label', 'no label')} ({shares or 'nothing speaks for it'})"
        )
        source = facts["source"]
        copied = ", ".join(map(str, facts["copied_from"]))
        lines.append(f"  source: {source}" + (f", copied from {copied}" if copied else ""))
    return lines


def _run(node: Node) -> list[str]:
    facts = node.facts
    lines = [f"run {node.name} by {facts['actor']}, {facts['time']}, row {facts['ledger_seq']} of the ledger"]
    if node.kind == "fit":
        lines.append(
            f"  {facts['n_answers']} answers, as they stood after row {facts['answers_seq']}; "
            f"{facts['n_iter']} steps, {facts['stop_reason']}"
        )
    elif node.kind == "apply":
        lines.append(f"  {facts['n_rules']} rules, {facts['n_items']} items, {facts['n_patterns']} patterns")
    else:
        lines.append(f"  {facts['model']}, seed {facts['seed']}, {facts['n_trained']} items")
    return lines


def _model(node: Node) -> list[str]:
    parameters: Any = node.facts.get("parameters") or {}
    settings = ", ".join(f"{name} {value}" for name, value in parameters.get("settings", {}).items())
    lines = [f"  model: {node.name}, sha256 {node.facts['sha256']}"]
    return [*lines, f"    {settings}"] if settings else lines


def _people(answers: list[Node]) -> list[str]:
    """Count answers by person: a run may have thousands; JSON and PROV hold each."""
    counts = Counter(str(node.facts.get("annotator", "nobody named")) for node in answers)
    hinted = sum(bool(node.facts.get("hints_shown")) for node in answers)
    listed = ", ".join(f"{name} {count}" for name, count in counts.most_common())
    return [f"  answers: {listed}; hints shown for {hinted}"] if answers else []


def _answer(facts: Any) -> str:  # noqa: ANN401  # JSON
    who = facts.get("annotator", "nobody named")
    when = facts.get("imported_time") or facts["time"]
    hints = {True: "hints shown", False: "no hints shown"}.get(facts.get("hints_shown"), "imported")
    why = f": {facts['rationale']}" if facts.get("rationale") else ""
    return f"  answer: {facts['label']} for {facts['item']} by {who}, {when}, {hints}{why}"


def _rule(node: Node, vote: str | None, *, in_full: bool) -> list[str]:
    facts: Any = node.facts
    votes = f" votes {vote}" if vote else ""
    author = facts.get("author") or "no author named"
    since = (
        f", loaded first by {facts['first_loaded_by']}, {facts['first_loaded_time']}"
        if "text" in facts
        else ""
    )
    lines = [f"  rule {node.name}{votes}: version {facts['fingerprint'][:_SHORT]}, {author}{since}"]
    if in_full:
        lines += [f"      {line}" for line in facts.get("text", "").splitlines()]
    return lines

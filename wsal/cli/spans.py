"""``wsal spans``: places in documents that rules name, and documents with what stands there."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from wsal.cli.options import as_json, echo_json, note, open_project, say

__all__ = ["spans"]


@click.group()
def spans() -> None:
    """Find places in documents by span rules, and write documents with the labels of places."""


@spans.command()
@as_json
@click.pass_obj
def find(folder: Path, *, json_: bool) -> None:
    """Let the span rules name places in the documents: these become the items of the project.

    Run it again after an edit of the span rules or new documents, then `wsal apply` and `wsal fit`.
    """
    from wsal.config import find_config, read_config
    from wsal.project.files.spans import find_project_spans

    found = find_project_spans(read_config(find_config(folder)))
    if json_:
        echo_json(asdict(found))
        return
    say(
        f"{found.n_rules} rules found {found.n_spans} spans in {found.n_documents_with} of "
        f"{found.n_documents} documents"
    )
    say("next: wsal apply; wsal fit; wsal spans export FILE")


@spans.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "format_",
    type=click.Choice(["jsonl", "doccano", "label-studio", "spacy"]),
    help="As Prodigy (jsonl), doccano and Label Studio read them, or a DocBin; by the name if not given.",
)
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@as_json
@click.pass_obj
def export(folder: Path, *, path: Path, format_: str | None, force: bool, json_: bool) -> None:
    """Write every document with its spans to PATH (.jsonl or .spacy). Of spans that overlap the most probable stays."""
    from wsal.project.files.spans import export_spans

    written = export_spans(open_project(folder).history, path, format_=format_, force=force)
    for text in written.notes:
        note(text)
    if json_:
        echo_json(asdict(written))
        return
    say(f"{written.n_items} spans to {written.path} (run {written.run_id}, sha256 {written.sha256[:12]}…)")

"""Projects whose items are places in documents: found by span rules, written as documents with their spans."""

from __future__ import annotations

from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Final

from wsal.audit import Exported
from wsal.config import Config, SpanSettings
from wsal.errors import InputError
from wsal.items import Items, read_items
from wsal.lf import Rule, load_packs
from wsal.project.create import claim, quoted
from wsal.project.files.labels import standing_labels, write_checked
from wsal.project.history import History
from wsal.project.runs.reports import Export
from wsal.spans import CandidateSpans, find_spans, resolve_overlaps, write_spans
from wsal.store import write_atomically
from wsal.types import LabelSpace

__all__ = ["FoundSpans", "export_spans", "find_project_spans", "write_span_project"]

_ITEMS: Final = "spans.parquet"
_COLUMNS_PACK: Final = Path("labeling_functions", "found_by.yaml")
_HEAD: Final = (
    "# Written by `wsal spans find` from the span rules, which are to be edited: a rule for each.\n"
)


@dataclass(frozen=True)
class FoundSpans:
    """What `wsal spans find` found: spans, in how many of the documents, by how many rules."""

    n_spans: int
    n_documents: int
    n_documents_with: int
    n_rules: int


def write_span_project(
    folder: Path, *, documents: Path, labels: list[str], text: str, id_column: str, none: str = "none"
) -> None:
    """Make a project folder whose items will be the spans that rules find in documents.

    Raises
    ------
    InputError
        The folder holds a project already, the documents cannot be read, or the labels are no labels.
    """
    space = LabelSpace(tuple(labels) if none in labels else (none, *labels))
    read_items(documents, id_column=id_column, text=text)
    claim(folder)
    example = next(label for label in space if label != none)
    settings = f"""\
[task]
name = {quoted(documents.stem)}
labels = [{", ".join(map(quoted, space))}]

[spans]
documents = {quoted(str(documents.resolve()))}
id = {quoted(id_column)}
text = {quoted(text)}
rules = ["span_rules"]
none = {quoted(none)}

[data]
path = "{_ITEMS}"   # `wsal spans find` writes it
id = "id"
text = "context"

[features]
text = ["span", "left", "right"]

[duplicates]
find = false   # spans of one sentence have nearly the same context

[rules]
paths = ["labeling_functions"]
"""
    pack = f"""\
# Rules that name places: keywords, regex, tokens, in_list, or any of these. `wsal spans find` runs them.
wsal: 1
labels: [{", ".join(map(quoted, space))}]
rules:
  - id: example           # replace this rule with your own
    label: {quoted(example)}
    when: {{regex: '[A-Z]\\w+ [A-Z]\\w+'}}
    why: {quoted(f"An example of a rule; say here in a sentence why such a place is {example}.")}
"""
    (folder / "span_rules").mkdir(exist_ok=True)
    (folder / "labeling_functions").mkdir(exist_ok=True)
    (folder / "wsal.toml").write_text(settings, encoding="utf-8")
    if not (folder / "span_rules/rules.yaml").exists():
        (folder / "span_rules/rules.yaml").write_text(pack, encoding="utf-8")


def find_project_spans(config: Config) -> FoundSpans:
    """Let the span rules name places, and write them as the items of the project, with a rule for each span rule.

    A place keeps its id, and so its answers, as long as its document has the same text before it.

    Raises
    ------
    InputError
        The project has no spans, the documents or the rules cannot be read, or no rule finds anything.
    """
    spans = _settings(config)
    found = _candidates(config, spans)
    if not len(found):
        raise InputError(
            f"no rule finds anything in the {len(found.documents)} documents of {spans.documents}",
            hint=f"see what the rules in {spans.rule_paths[0]} ask for",
        )
    frame = found.frame()
    write_atomically(config.data_path, lambda temporary: frame.to_parquet(temporary, index=False))
    pack = _columns_pack(config, _rules(config, spans))

    def write(temporary: Path) -> None:
        temporary.write_text(pack, encoding="utf-8")

    write_atomically(config.folder / _COLUMNS_PACK, write)
    return FoundSpans(len(found), len(found.documents), frame["document"].nunique(), found.votes.n_lfs)


def export_spans(history: History, path: Path, *, format_: str | None = None, force: bool = False) -> Export:
    """Write the documents with the spans of the last `fit`, answers that came after it among them; none overlap.

    Raises
    ------
    InputError
        The project has no spans, or nothing was fitted yet; the span rules or the documents changed since
        `wsal spans find`; an unknown format, a folder that is not there, or a file that is.
    """
    config = history.config
    spans = _settings(config)
    history.store.require_writable()  # else nobody would know who got the labels
    run = history.run("run_fitted")
    history.require_same_classes(run)
    standing = standing_labels(run, history)
    found = _candidates(config, spans)
    if standing.soft.item_ids.tolist() != found.votes.item_ids.tolist():
        raise InputError(
            "the span rules or the documents changed since the last `wsal fit`",
            hint="run `wsal spans find`, `wsal apply` and `wsal fit`",
        )
    kept = resolve_overlaps(found, standing.soft, none=spans.none)
    kind = format_ or {".spacy": "spacy"}.get(path.suffix, "jsonl")

    def write(temporary: Path) -> None:
        write_spans(temporary, found.documents, found.texts, kept, format_=kind, run=run.run)

    file = write_checked(path, kind, write, force=force)
    n_documents = len(found.documents)
    history.append(Exported(run.run, history.name_of(file.path), file.sha256, f"spans-{kind}", n_documents))
    return Export(str(path), kind, run.run, len(kept), file.sha256, None, standing.notes)


def _settings(config: Config) -> SpanSettings:
    if config.spans is None:
        raise InputError(
            f"{config.file}: the items of this project are no spans",
            hint="make a project of spans with `wsal init DIR --spans --data DOCUMENTS --labels …`",
        )
    return config.spans


def _rules(config: Config, spans: SpanSettings) -> list[Rule]:
    packs = [
        pack
        for path in spans.rule_paths
        for pack in load_packs(
            path, allow_python=config.allow_python, text=spans.text_column, labels=config.labels
        )
    ]
    return [rule for pack in packs for rule in pack.rules]


def _candidates(config: Config, spans: SpanSettings) -> CandidateSpans:
    documents = read_items(spans.documents, id_column=spans.id_column, text=spans.text_column)
    ids = [str(item) for item in documents.item_ids.tolist()]
    return find_spans(_rules(config, spans), ids, _texts(documents, spans), config.labels)


def _texts(documents: Items, spans: SpanSettings) -> list[str]:
    return ["" if text is None else str(text) for text in documents.column(spans.text_column)]


def _columns_pack(config: Config, rules: list[Rule]) -> str:
    from ruamel.yaml import YAML

    written = [
        {
            "id": rule.name,
            "when": {"column": f"rule: {rule.name}"},
            "why": f"{rule.why or 'it names the place'} (span rule, version {(rule.fingerprint or '')[:12]})",
        }
        | ({"author": rule.author} if rule.author else {})
        for rule in rules
    ]
    out = StringIO()
    YAML().dump({"wsal": 1, "labels": list(config.labels), "rules": written}, out)
    return _HEAD + out.getvalue()

"""spaCy: labels out as a DocBin; patterns of an EntityRuler in as a rule pack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from io import StringIO
from pathlib import Path
from typing import Any

from wsal.errors import DataError, Location, did_you_mean
from wsal.interop.json_records import read_json_records
from wsal.interop.outgoing import LabelledItems
from wsal.types import LabelSpace

__all__ = ["pack_of_patterns", "write_doc_bin"]


def write_doc_bin(made: LabelledItems, path: Path) -> None:
    """Write Docs with the probabilities as ``cats``, for ``spacy train`` with a text classifier.

    Items without a label are left out: a category that is missing would be taken as false. ``doc.user_data`` has id,
    source and run.
    """
    import spacy
    from spacy.tokens import DocBin

    pipeline = spacy.blank("en")
    docs = DocBin(attrs=[], store_user_data=True)
    for row, text in enumerate(made.texts):
        if made.known(row):
            doc = pipeline.make_doc(text)
            doc.cats = made.probabilities(row)
            doc.user_data |= {
                "id": str(made.ids[row]),
                "source": str(made.soft.sources[row]),
                "run": made.run,
            }
            docs.add(doc)
    docs.to_disk(path)


def pack_of_patterns(path: Path, labels: LabelSpace, *, author: str = "") -> str:
    """Turn patterns, one a line as Prodigy and spaCy's EntityRuler write them, into the text of a rule pack.

    ``{"label": "SPAM", "pattern": [{"LOWER": "free"}, {"LOWER": "gift"}]}`` becomes a ``tokens`` rule, a pattern that
    is a text a ``keywords`` rule with ``case: exact``, since spaCy compares texts as they are.

    Raises
    ------
    DataError
        A line is no pattern, or its label is none of the task's; with file and line.
    """
    from ruamel.yaml import YAML

    rules = list(_rules(path, labels, author))
    if not rules:
        raise DataError(
            f"{path} holds no pattern", hint='a line is {"label": "SPAM", "pattern": "free gift"}'
        )
    out = StringIO()
    yaml = YAML()
    yaml.width = 100
    yaml.dump({"wsal": 1, "labels": list(labels), "rules": rules}, out)
    return out.getvalue()


def _rules(path: Path, labels: LabelSpace, author: str) -> Iterator[dict[str, Any]]:
    seen: dict[str, int] = {}
    for record in read_json_records(path):
        label, pattern = record.get("label"), record.get("pattern")
        at = Location(str(path), record.line)
        if label not in labels:
            raise DataError(
                f"the label {label!r} is none of {', '.join(labels)}",
                location=at,
                hint=did_you_mean(str(label), labels) or "rename it in the file, or leave its lines out",
            )
        if isinstance(pattern, str) and pattern.strip():
            when: dict[str, Any] = {"keywords": [pattern], "case": "exact"}
        elif isinstance(pattern, list) and pattern and all(isinstance(one, Mapping) for one in pattern):
            when = {"tokens": [dict(one) for one in pattern]}
        else:
            raise DataError(
                f"{pattern!r} is no pattern",
                location=at,
                hint="a text, or a list of tokens such as {LOWER: free}",
            )
        name = _name(str(record.get("id") or label))
        seen[name] = seen.get(name, 0) + 1
        rule = {
            "id": name if seen[name] == 1 else f"{name}-{seen[name]}",
            "label": label,
            "when": when,
            "why": f"pattern in line {record.line} of {path.name}",
        }
        yield rule | ({"author": author} if author else {})


def _name(text: str) -> str:
    kept = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "-" for c in text.lower()).strip("-_")
    return kept or "pattern"

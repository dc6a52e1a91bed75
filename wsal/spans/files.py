"""Labelled spans as files: for Prodigy, doccano and Label Studio, and spaCy's DocBin."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from wsal.errors import InputError, did_you_mean
from wsal.spans.resolving import LabelledSpan

__all__ = ["SPAN_FORMATS", "write_spans"]


def write_spans(
    path: Path,
    documents: Sequence[str],
    texts: Sequence[str],
    spans: Sequence[LabelledSpan],
    *,
    format_: str,
    run: str,
) -> None:
    """Write d documents with their spans, also those without any.

    Parameters
    ----------
    path : Path
    documents, texts : sequence of str
        d ids and texts.
    spans : sequence of LabelledSpan
        Of these documents; none overlap.
    format_ : {"jsonl", "doccano", "label-studio", "spacy"}
        ``jsonl`` has ``id, text, spans`` (``start, end, label``, which Prodigy reads, with ``score`` and ``source``);
        ``doccano`` has triples; ``label-studio`` is an array of tasks with a prediction each; ``spacy`` is a DocBin
        with the spans as ``doc.ents``.
    run : str
        The fit that made the labels.

    Raises
    ------
    InputError
        There is no such format.
    """
    if format_ not in SPAN_FORMATS:
        raise InputError(
            f"spans are not written as {format_!r}; there are {', '.join(SPAN_FORMATS)}",
            hint=did_you_mean(format_, SPAN_FORMATS),
        )
    own: list[list[LabelledSpan]] = [[] for _ in documents]
    for span in spans:
        own[span.document].append(span)
    SPAN_FORMATS[format_](path, list(zip(documents, texts, own, strict=True)), run)


def _write_jsonl(path: Path, documents: Sequence[tuple[str, str, list[LabelledSpan]]], run: str) -> None:
    _write_lines(
        path,
        (
            {
                "id": document,
                "text": text,
                "spans": [
                    {
                        "start": span.start,
                        "end": span.end,
                        "label": span.label,
                        "score": span.probability,
                        "source": span.source,
                    }
                    for span in spans
                ],
                "meta": {"wsal_id": document, "run": run},
            }
            for document, text, spans in documents
        ),
    )


def _write_doccano(path: Path, documents: Sequence[tuple[str, str, list[LabelledSpan]]], run: str) -> None:
    _write_lines(
        path,
        (
            {
                "text": text,
                "label": [[span.start, span.end, span.label] for span in spans],
                "wsal_id": document,
                "wsal_run": run,
            }
            for document, text, spans in documents
        ),
    )


def _write_label_studio(
    path: Path, documents: Sequence[tuple[str, str, list[LabelledSpan]]], run: str
) -> None:
    tasks = [
        {
            "id": number,
            "data": {"text": text, "wsal_id": document},
            "predictions": [
                {
                    "model_version": run,
                    "score": min((span.probability for span in spans), default=1.0),
                    "result": [_region(span, text, f"s{number}-{i}") for i, span in enumerate(spans)],
                }
            ],
        }
        for number, (document, text, spans) in enumerate(documents, start=1)
    ]
    path.write_text(json.dumps(tasks, ensure_ascii=False, allow_nan=False, indent=1) + "\n", encoding="utf-8")


def _region(span: LabelledSpan, text: str, name: str) -> dict[str, Any]:
    return {
        "id": name,
        "from_name": "label",
        "to_name": "text",
        "type": "labels",
        "score": span.probability,
        "value": {
            "start": span.start,
            "end": span.end,
            "text": text[span.start : span.end],
            "labels": [span.label],
        },
    }


def _write_doc_bin(path: Path, documents: Sequence[tuple[str, str, list[LabelledSpan]]], run: str) -> None:
    import spacy
    from spacy.tokens import DocBin

    pipeline = spacy.blank("en")
    docs = DocBin(attrs=["ENT_IOB", "ENT_TYPE"], store_user_data=True)
    for document, text, spans in documents:
        doc = pipeline.make_doc(text)
        # A pipeline of the pack may cut words otherwise; "expand" takes the words that a span touches.
        places = [
            doc.char_span(span.start, span.end, label=span.label, alignment_mode="expand") for span in spans
        ]
        doc.ents = spacy.util.filter_spans([place for place in places if place is not None])
        doc.user_data |= {"id": document, "run": run}
        docs.add(doc)
    docs.to_disk(path)


def _write_lines(path: Path, records: Iterator[Mapping[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for record in records:
            file.write(json.dumps(record, ensure_ascii=False, allow_nan=False) + "\n")


_Writer = Callable[[Path, Sequence[tuple[str, str, list[LabelledSpan]]], str], None]

SPAN_FORMATS: Final[Mapping[str, _Writer]] = MappingProxyType(
    {
        "jsonl": _write_jsonl,
        "doccano": _write_doccano,
        "label-studio": _write_label_studio,
        "spacy": _write_doc_bin,
    }
)
"""How spans are written, by name."""

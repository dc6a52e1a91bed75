"""Spans: rules propose places in texts, a label model says what stands there, and what overlaps is resolved.

`find_spans` makes items of all places that any rule of a pack names, with the rules' votes on them; from there on they
are items as all others. `resolve_overlaps` turns labels back into spans of documents, `write_spans` writes these.
"""

from __future__ import annotations

from wsal.spans.candidates import CandidateSpans
from wsal.spans.files import SPAN_FORMATS, write_spans
from wsal.spans.finding import find_spans
from wsal.spans.resolving import LabelledSpan, resolve_overlaps

__all__ = ["SPAN_FORMATS", "CandidateSpans", "LabelledSpan", "find_spans", "resolve_overlaps", "write_spans"]

"""Items in parts: more of them than fit into memory, as row groups of Parquet files or partitions of a data frame.

A part is read where it lies, a batch at a time; every batch is an `wsal.items.Items` in which a column has the type
that it has in all parts, so that a labelling function meets the same cells whatever the parts are.
"""

from __future__ import annotations

from wsal.items.parts.folder import parquet_files
from wsal.items.parts.frames import FramePart, frame_kinds
from wsal.items.parts.parquet import ParquetPart, ParquetParts, n_rows, read_parts
from wsal.items.parts.part import BATCH, LARGE, Batch, ItemPart

__all__ = [
    "BATCH",
    "LARGE",
    "Batch",
    "FramePart",
    "ItemPart",
    "ParquetPart",
    "ParquetParts",
    "frame_kinds",
    "n_rows",
    "parquet_files",
    "read_parts",
]

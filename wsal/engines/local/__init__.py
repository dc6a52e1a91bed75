"""The local engine: everything in this process, one column of votes after the other."""

from __future__ import annotations

from wsal.engines.local.engine import vote_locally

__all__ = ["vote_locally"]

"""Scripts that put no spaces between words, where a run of letters is no word."""

from __future__ import annotations

from typing import Final

__all__ = ["UNSPACED"]

UNSPACED: Final = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
)
"""Thai and Lao, Burmese, Khmer, kana and Chinese characters, as the inside of a regex's brackets."""

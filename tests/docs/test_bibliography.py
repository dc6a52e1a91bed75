"""Whoever is cited in a page or a docstring stands in the bibliography; the glossary is in order."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(p for p in (ROOT / "docs").rglob("*.md") if "_build" not in p.parts)
# "Dawid and Skene (1979)", "(Raj and Khamis 1958; …)", "Aka et al. 2021".
CITATION = re.compile(r"\b([A-Z][a-zà-ü]{2,})(?: et al\.,?)? (?:\(((?:19|20)\d\d)\b|((?:19|20)\d\d)[,;)])")
MONTHS = {
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
}  # fmt: skip


def test_whoever_is_cited_stands_in_the_bibliography():
    entries = (ROOT / "docs/bibliography.md").read_text(encoding="utf-8").splitlines()
    cited = {
        (name, first or second, page.name)
        for page in [*PAGES, *(ROOT / "wsal").rglob("*.py")]
        if "benchmarks" not in page.name and page.parent.name != "tutorials"
        for name, first, second in CITATION.findall(page.read_text(encoding="utf-8"))
        if name not in MONTHS
    }
    assert ("Skene", "1979", "dawid-skene.md") in cited
    absent = [
        f"{name} {year}, cited in {where}"
        for name, year, where in sorted(cited)
        if not any(name in line and year in line for line in entries)
    ]
    assert absent == [], f"add to docs/bibliography.md: {'; '.join(absent)}"


def test_the_glossary_is_in_order_and_says_each_word_once():
    words = re.findall(
        r"^([^\n:]+)\n: ", (ROOT / "docs/glossary.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert len(words) > 70
    assert words == sorted(set(words), key=lambda word: re.sub(r"[^a-z ]", "", word.lower()))

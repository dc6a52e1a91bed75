"""Every rule that the pages show is a rule: it loads, and its own tests pass."""

from __future__ import annotations

import re
import shutil
import textwrap
from pathlib import Path

import pytest

from wsal.lf import check_pack

ROOT = Path(__file__).resolve().parents[2]
KINDS = (
    "keywords", "regex", "tokens", "number", "date", "compare", "in_list", "column", "model", "graph", "python",
    "all", "any", "not", "rule",
)  # fmt: skip
PAGES = {page: ROOT / "docs" / page for page in ("how-to/write-a-rule-pack.md", "reference/rule-pack.md")}


def _yaml_blocks(page: Path) -> list[str]:
    return [
        textwrap.dedent(b)
        for b in re.findall(r"```yaml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    ]


def _as_pack(block: str) -> str:
    if block.startswith("wsal:"):
        return block
    return "wsal: 1\ntask: spam\nlabels: [ham, spam]\nrules:\n" + textwrap.indent(block, "  ")


@pytest.fixture
def folder(tmp_path):
    messages = ROOT / "labeling_functions" / "messages"
    shutil.copytree(messages / "lists", tmp_path / "lists")
    shutil.copy(messages / "my_rules.py", tmp_path)
    how_to = PAGES["how-to/write-a-rule-pack.md"].read_text(encoding="utf-8")
    files = re.findall(r"`([\w.]+)`[^`\n]*holds\n\n```text\n(.*?)```", how_to, re.DOTALL)
    assert len(files) >= 6
    for name, content in files:
        if not (tmp_path / name).exists():
            (tmp_path / name).write_text(content, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("page", PAGES)
def test_the_rules_of_a_page_load_and_pass_their_own_tests(page, folder):
    blocks = _yaml_blocks(PAGES[page])
    assert blocks
    for number, block in enumerate(blocks):
        path = folder / f"page_{number}.yaml"
        path.write_text(_as_pack(block), encoding="utf-8")
        checked = check_pack(path)
        assert checked.pack.rules
        failed = [str(result) for result in checked.results if not result.passed]
        assert not failed, f"{page}, block {number + 1}: {failed}"


def test_the_how_to_shows_every_kind_of_condition():
    shown = "\n".join(_yaml_blocks(PAGES["how-to/write-a-rule-pack.md"]))
    assert [kind for kind in KINDS if not re.search(rf"\b{kind}:", shown)] == []

"""The documentation builds without a warning, and leaves no verb of the command line out."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"


@pytest.mark.slow
def test_the_documentation_builds_without_warnings(tmp_path):
    missing = [name for name in ("sphinx", "myst_parser", "furo") if importlib.util.find_spec(name) is None]
    if missing:
        message = f"the docs extra is not installed: {', '.join(missing)}"
        if os.environ.get("WSAL_CI") == "1":
            pytest.fail(message)
        pytest.skip(message)
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html"]
    built = subprocess.run(
        [*command, "-d", str(tmp_path / "doctrees"), str(DOCS), str(tmp_path / "html")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    assert (tmp_path / "html" / "index.html").is_file()


def _verbs(group: click.Group, context: click.Context, prefix: str = "wsal") -> list[str]:
    verbs = []
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        path = f"{prefix} {name}"
        verbs += _verbs(command, context, path) if isinstance(command, click.Group) else [path]
    return verbs


def test_every_verb_stands_in_the_reference_of_the_command_line():
    from wsal.cli.main import cli

    page = (DOCS / "reference" / "cli.md").read_text(encoding="utf-8")
    verbs = _verbs(cli, click.Context(cli))
    assert "wsal apply" in verbs
    absent = [verb for verb in verbs if f"`{verb}" not in page]
    assert not absent, f"docs/reference/cli.md does not mention {', '.join(absent)}"


def test_every_event_kind_stands_in_the_reference_of_the_ledger():
    from wsal.audit import KINDS

    page = (DOCS / "reference" / "ledger.md").read_text(encoding="utf-8")
    assert [kind for kind in KINDS if f"`{kind}`" not in page] == []


def test_the_example_settings_in_the_reference_can_be_read(tmp_path):
    from wsal.config import read_config

    page = (DOCS / "reference" / "config.md").read_text(encoding="utf-8")
    (tmp_path / "wsal.toml").write_text(page.split("```toml\n")[1].split("```")[0], encoding="utf-8")
    config = read_config(tmp_path / "wsal.toml")
    assert config.labels.names == ("ham", "spam")
    assert config.class_balance == (0.87, 0.13)


def test_every_public_name_stands_in_the_python_reference():
    import wsal

    page = (DOCS / "reference" / "python.md").read_text(encoding="utf-8")
    assert [name for name in wsal.__all__ if f"wsal.{name}" not in page] == []

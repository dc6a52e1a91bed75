"""Every command that a page shows has verbs and options that exist; the tutorials run theirs besides."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(p for p in (ROOT / "docs").rglob("*.md") if "_build" not in p.parts)


def commands() -> list[tuple[str, str]]:
    """Every command of wsal that a page or the README shows, with the page."""
    found = []
    for page in [*PAGES, ROOT / "README.md"]:
        for block in re.findall(
            r"^```console\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
        ):
            for line in re.findall(r"^\s*\$ (wsal .*)$", block, re.MULTILINE):
                command = re.split(r"\s(?:\||>|\|\||&&|#)\s", line)[0]
                found.append((page.relative_to(ROOT).as_posix(), command.replace(" …", "")))
    return found


@pytest.mark.parametrize(("page", "command"), commands())
def test_a_command_that_a_page_shows_has_verbs_and_options_that_exist(page, command):
    from wsal.cli.main import cli

    words = shlex.split(command)[1:]
    context: click.Context = click.Context(cli)
    group: click.Command = cli
    known = _options(cli)
    while words and isinstance(group, click.Group) and not words[0].startswith("-"):
        name = words.pop(0)
        found = group.get_command(context, name)
        if found is None:  # `wsal duplicates` is a group that does something by itself
            break
        group = found
        known |= _options(group)
    assert group is not cli or not words, f"{page}: {command}"
    given = {word.split("=")[0] for word in words if re.match(r"--?[a-z]", word)}
    assert given <= known, f"{page}: {command}: {given - known}"


def _options(command: click.Command) -> set[str]:
    named = {
        option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)
    }
    return named | {"--help", "-h", "--version"}

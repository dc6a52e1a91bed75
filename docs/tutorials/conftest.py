"""The tutorials run as tests: every block of a page, in its order, from an empty folder, with the real command line.

A comment before a block says what it is for: ``<!-- write: FILE -->`` and ``<!-- append: FILE -->`` make files,
``<!-- shows: FILE -->`` and ``<!-- prints -->`` hold what is shown against a file, or against what the Python block
before printed, ``<!-- exit: 1 -->`` expects another exit code, ``<!-- types: 12q -->`` presses keys. Of what a
command says, each line that a page shows must come, in that order; ``…`` stands for anything, and a number for
any number near it: a page goes stale when it misleads, not when a digit changes.
"""

from __future__ import annotations

import io
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import chdir, redirect_stdout
from pathlib import Path
from typing import Any

import httpx
from click.testing import CliRunner
from sybil import Document, Example, Region, Sybil

BLOCK = re.compile(r"((?:^<!-- [^\n]* -->\n)*)^```([a-z]+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NUMBER = re.compile(r"(?<![\w.])[-+]?\d+(?:\.\d+)?(?!\w)")
PASSWORD = "four words that differ"  # noqa: S105  # of the reader
ENVIRONMENT = {
    "COLUMNS": "100",
    "WSAL_ANNOTATOR": "you",
    "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
}


def blocks(document: Document) -> Iterator[Region]:
    """Find every fenced block of a page, with the comments before it."""
    for found in BLOCK.finditer(document.text):
        notes = dict(re.findall(r"<!-- (\w+):? ?(.*?) -->", found[1]))
        yield Region(found.start(), found.end(), (notes, found[2], found[3]), run_block)


def run_block(example: Example) -> None:
    """Do what the reader does with a block."""
    names: dict[str, Any] = example.namespace
    notes, language, body = example.parsed
    folder = Path(names["folder"])
    if "write" in notes:
        (folder / notes["write"]).write_text(body, encoding="utf-8")
    elif "append" in notes:
        with (folder / notes["append"]).open("a", encoding="utf-8") as file:
            file.write(body)
    elif "shows" in notes:
        require(body, (folder / notes["shows"]).read_text(encoding="utf-8"))
    elif "prints" in notes:
        require(body, names["printed"])
    elif language == "python":
        code = compile("\n" * example.line + body, example.path, "exec", dont_inherit=True)
        said = io.StringIO()
        with chdir(folder), redirect_stdout(said):
            exec(code, names)  # noqa: S102  # our own pages
        names["printed"] = said.getvalue()
    elif language == "console":
        for command, shown in commands(body):
            require(shown, run_command(command, names, notes), command)
    else:
        raise AssertionError(
            f"nothing says what this block of {language} is for: write, append, shows or prints"
        )


def commands(body: str) -> Iterator[tuple[str, str]]:
    """Split a console block into commands and what each is shown to say."""
    for part in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
        command, _, shown = part.partition("\n")
        yield command, shown


def run_command(command: str, names: dict[str, Any], notes: dict[str, str]) -> str:
    """Run one line of a terminal; return what it says."""
    folder = Path(names["folder"])
    words = shlex.split(command)
    if words[0] == "cd":
        names["folder"] = (folder / words[1]).resolve(strict=True)
        return ""
    if words[:2] == ["wsal", "serve"]:
        return serve(folder)
    if words[:2] == ["cp", "-r"]:
        shutil.copytree(folder / words[2], folder / words[3])
        return ""
    assert words[0] == "wsal", f"{command}: the runner knows wsal, cd and cp -r"
    from wsal.cli.main import cli

    wanted = int(notes.get("exit", 0))
    with chdir(folder):
        done = CliRunner().invoke(cli, words[1:], input=notes.get("types", ""), env=ENVIRONMENT)
    assert done.exit_code == wanted, (
        f"{command}: exit code {done.exit_code}\n{done.output}\n{done.exception!r}"
    )
    return done.output


def serve(folder: Path) -> str:
    """Start the workbench, follow the link that it prints, choose a password, look at the first item, and stop it."""
    command = [sys.executable, "-m", "wsal", "serve", "--port", "0"]
    process = subprocess.Popen(  # noqa: S603
        command,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, **ENVIRONMENT},
    )
    try:
        assert process.stdout is not None
        said = process.stdout.readline() + process.stdout.readline()
        link = re.search(r"(http://[\d.]+:\d+)(/welcome/\S+)", said)
        assert link, said
        with httpx.Client(base_url=link[1], headers={"origin": link[1]}, timeout=60) as browser:
            form = re.search(r'name="form" value="(\w+)"', browser.get(link[2]).text)
            assert form
            fields = {"password": PASSWORD, "again": PASSWORD, "form": form[1]}
            signed_in = browser.post(link[2], data=fields)
            assert signed_in.status_code == 303, signed_in.text
            assert browser.get("/label").status_code == 200
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    return said.replace(link[1], "http://127.0.0.1:8765")


def require(shown: str, said: str, what: str = "") -> None:
    """See that each line that is shown comes in what was said, in this order."""
    lines = iter(said.splitlines())
    for line in filter(str.strip, shown.splitlines()):
        if line.strip() != "…" and not any(alike(line, there) for there in lines):
            raise AssertionError(f"{what}\nthe page shows\n  {line}\nbut this was said:\n{said}")


def alike(shown: str, said: str) -> bool:
    """Whether a line says what the page shows: the same words, and numbers near those shown."""
    pattern = "".join(
        r"([-+]?\d+(?:\.\d+)?)" if NUMBER.fullmatch(part) else words(part)
        for part in re.split(f"({NUMBER.pattern})", shown.strip())
    )
    found = re.fullmatch(rf"\s*{pattern}\s*", said)
    if found is None:
        return False
    pairs = zip(NUMBER.findall(shown), found.groups(), strict=True)
    return all(
        abs(float(a) - float(b)) <= max(0.5 * max(abs(float(a)), abs(float(b))), 1.0) for a, b in pairs
    )


def words(text: str) -> str:
    """Write words as a pattern in which … is anything, and one space as good as ten."""
    parts = (r"\s+".join(map(re.escape, re.split(r"\s+", part))) for part in text.split("…"))
    return ".*?".join(parts)


def enter(names: dict[str, Any]) -> None:
    """Begin a page in an empty folder."""
    names["desk"] = tempfile.TemporaryDirectory(prefix="wsal-tutorial-")
    names["folder"] = Path(names["desk"].name).resolve()


def leave(names: dict[str, Any]) -> None:
    """Remove what a page made."""
    names["desk"].cleanup()


pytest_collect_file = Sybil(parsers=[blocks], patterns=["*.md"], setup=enter, teardown=leave).pytest()

"""``wsal check``: settings, data, rules and the rules' own tests."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from wsal.cli.options import as_json, echo_json, open_any, say

if TYPE_CHECKING:
    from wsal.lf.searches import PatternEngine

__all__ = ["check"]


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--schema", is_flag=True, help="Print the JSON Schema of rule packs, for editors.")
@click.option(
    "--engines", is_flag=True, help="List for every keyword and regex which engine searches for it, and why."
)
@click.option("--no-python", is_flag=True, help="Refuse rules that run code.")
@as_json
@click.pass_obj
def check(
    folder: Path, *, paths: tuple[Path, ...], schema: bool, engines: bool, no_python: bool, json_: bool
) -> None:
    """Check rule packs (files or folders), or the whole project, and run the tests of the rules.

    Exit code 0: all is well; 1: a test of a rule failed; 2: something cannot be used.
    """
    if schema:
        from wsal.lf import pack_schema

        echo_json(pack_schema())
        return
    if paths:
        from wsal.project import check_packs

        report = check_packs(paths, allow_python=not no_python)
    else:
        report = open_any(folder).check(allow_python=not no_python)
    if json_:
        echo_json(asdict(report))
    else:
        for text in report.notes:
            say(f"note: {text}")
        for failure in report.failures:
            say(f"failed: {failure}", err=True)
        for text in _engine_lines(report.engines, every=engines):
            say(text)
        rules, tests = (
            ("rule" if report.n_rules == 1 else "rules"),
            ("test" if report.n_tests == 1 else "tests"),
        )
        say(f"{report.n_rules} {rules}, {report.n_tests} {tests}, {len(report.failures)} failed")
    if report.failures:
        sys.exit(1)


def _engine_lines(engines: Sequence[PatternEngine], *, every: bool) -> list[str]:
    """Say how many patterns share the one pass, and which do not (or each of them)."""
    if not engines:
        return []
    shared = sum(entry.engine == "one pass" for entry in engines)
    lines = [str(entry) for entry in engines if every or entry.why]
    left = f"; the others, with the reason, above (--engines lists all {len(engines)})"
    return [
        *lines,
        f"{shared} of {len(engines)} patterns share one pass{left if lines and not every else ''}",
    ]

"""``wsal audit report``: one page about a project, for people who were not there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from wsal.cli.options import as_json, echo_json, open_project, say
from wsal.errors import InputError

if TYPE_CHECKING:
    from wsal.report import AuditReport

__all__ = ["report", "write_report"]

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command(short_help="Write all that an auditor asks.")
@click.option("--out", type=_FILE, default=Path("report.html"), show_default=True, help="The file to write.")
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@click.option("--by", multiple=True, metavar="COLUMN", help="Compare groups by this column; may be repeated.")
@click.option("--time", metavar="COLUMN", help="A column of times: say whether rules drift over it.")
@click.option("--seal", "seals", type=_FILE, multiple=True, help="A seal that the ledger must agree with.")
@click.option("--public-key", type=_FILE, help="The key that must have signed the seals.")
@click.option("--no-python", is_flag=True, help="Do not run the tests of packs that run code.")
@as_json
@click.pass_obj
def report(  # noqa: PLR0913  # one argument for each option
    folder: Path,
    *,
    out: Path,
    force: bool,
    by: tuple[str, ...],
    time: str | None,
    seals: tuple[Path, ...],
    public_key: Path | None,
    no_python: bool,
    json_: bool,
) -> None:
    """Write all that an auditor asks into one HTML file: it runs nothing, loads nothing, and prints.

    With --json it is printed as JSON instead. Exit code 1 where the ledger does not verify.
    """
    from wsal.report import gather

    if not json_:
        _require_free(out, force=force)
    found = gather(
        open_project(folder),
        by=by,
        time=time,
        seals=seals,
        public_key=public_key,
        allow_python=not no_python,
    )
    if json_:
        echo_json(found.to_dict())
    else:
        for sentence in found.summary:
            say(f"- {sentence}")
        say(f"{write_report(out, found, force=force)}: open it in a browser, or print it")
    if not found.verification.ok:
        click.get_current_context().exit(1)


def write_report(out: Path, found: AuditReport, *, force: bool) -> Path:
    """Write the page of a report.

    Raises
    ------
    InputError
        The file is there and is not to be replaced, or cannot be written.
    """
    from wsal.report import draw_page
    from wsal.store import write_atomically

    _require_free(out, force=force)
    page = draw_page(found)

    def write(path: Path) -> None:
        path.write_text(page, encoding="utf-8", errors="xmlcharrefreplace")

    try:
        write_atomically(out, write)
    except OSError as error:
        raise InputError(
            f"{out} cannot be written: {error.strerror}", hint="name another file with --out"
        ) from error
    return out


def _require_free(out: Path, *, force: bool) -> None:
    if out.exists() and not force:
        raise InputError(
            f"{out} is there already", hint="replace it with --force, or name another with --out"
        )

"""``wsal audit``: is the past as it was written."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from wsal.cli.lineage import lineage
from wsal.cli.options import as_json, echo_json, for_each_label, note, open_project, say
from wsal.cli.replay import replay
from wsal.cli.report import report

__all__ = ["audit"]

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.group()
def audit() -> None:
    """Check that the past was not changed, and where labels come from."""


audit.add_command(lineage)
audit.add_command(replay)
audit.add_command(report)


@audit.command(short_help="Check that nothing was changed.")
@click.option(
    "--seal",
    "seals",
    type=_FILE,
    multiple=True,
    help="A seal that the ledger must agree with; may be given again.",
)
@click.option("--public-key", type=_FILE, default=None, help="The key that must have signed the seals.")
@as_json
@click.pass_obj
@for_each_label
def verify(folder: Path, *, seals: tuple[Path, ...], public_key: Path | None, json_: bool) -> None:
    """Check every event's hash, the tables made from them, the guards, and every file that the ledger names.

    Exit code 0: nothing was changed; 1: something was, and it is said what. Only a seal that was kept elsewhere shows
    that rows were cut off at the end together with all that was made from them, or that everything was replaced.
    """
    from wsal.project import verify_project

    report = verify_project(folder, seals=seals, public_key=public_key)
    if json_:
        found = [asdict(finding) | {"meaning": finding.meaning} for finding in report.findings]
        echo_json(
            {"ok": report.ok, **asdict(report), "findings": found, "seals": [str(seal) for seal in seals]}
        )
    else:
        say(str(report), err=not report.ok)
        if report.ok and not seals:
            note("without --seal, nobody can tell whether rows were cut off at the end or all was replaced")
        if report.ok and seals:
            say(
                f"it agrees with {'the seal' if len(seals) == 1 else 'all of the seals'} {', '.join(map(str, seals))}"
            )
        if seals and public_key is None:
            note("without --public-key, nobody can tell who made the seal")
    if not report.ok:
        click.get_current_context().exit(1)


@audit.command(short_help="Write the last hash to a file to keep.")
@click.option("--key", type=_FILE, default=None, help="Sign with this private Ed25519 key (PEM).")
@click.option("--out", type=_FILE, default=None, help="The file to write; seal-ROW.json where not given.")
@as_json
@click.pass_obj
def seal(folder: Path, *, key: Path | None, out: Path | None, json_: bool) -> None:
    """Write the last row's number and hash to a file, which you keep where nobody can change it."""
    path, sealed = open_project(folder).seal(out=out, key=key)
    if json_:
        echo_json({"file": str(path), **asdict(sealed)})
        return
    say(f"row {sealed.seal.seq} is sealed: {sealed.seal.hash}")
    say(f"{path}: keep it away from this machine; check with `wsal audit verify --seal {path}`")
    if not sealed.signature:
        note("it is not signed: who can change the file can make another one; sign with --key")


@audit.command(short_help="Make a key that signs seals.")
@click.argument("file", type=_FILE)
def key(file: Path) -> None:
    """Make a key that signs seals: FILE, which you keep secret, and FILE.pub, which you give to auditors."""
    from wsal.project import write_key

    private, public = write_key(file)
    say(f"{private}: the private key; keep it secret, and away from the project")
    say(f"{public}: the public key; give it to whoever checks your seals")


@audit.command(short_help="Make the tables anew from the ledger.")
@click.pass_obj
def rebuild(folder: Path) -> None:
    """Make the tables of people's work anew from the ledger, where one of them was changed."""
    n_events = open_project(folder).rebuild()
    say(f"the tables were made anew from {n_events} events")

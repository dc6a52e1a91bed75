"""``wsal init``: a project folder."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["init"]


@click.command()
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--data", type=click.Path(path_type=Path, dir_okay=False), help="Your data: CSV, JSONL or Parquet."
)
@click.option("--labels", help="Your labels, separated by commas.")
@click.option("--text", help="The column with the text, if there is one.")
@click.option("--id", "id_column", help="The column that names an item.")
def init(
    directory: Path, *, data: Path | None, labels: str | None, text: str | None, id_column: str | None
) -> None:
    """Make a project in DIRECTORY: a small example (text messages, ham or spam), or one for your own data."""
    from wsal.project import Project

    if data is None and (labels or text or id_column):
        raise click.UsageError("--labels, --text and --id describe your own data: give --data too")
    if data is not None and not labels:
        raise click.UsageError('--data needs --labels, for example --labels "ham,spam"')
    if data is None:
        project = Project.create_example(directory)
    else:
        names = [name.strip() for name in (labels or "").split(",")]
        project = Project.create(directory, data=data, labels=names, text=text, id_column=id_column)
    click.echo(f"made {directory}: {project.config.name} ({', '.join(project.config.labels)})")
    click.echo(f"next: cd {directory}; wsal check; wsal apply; wsal fit; wsal status")

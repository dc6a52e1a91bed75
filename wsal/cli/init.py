"""``wsal init``: a project folder."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["init"]


@click.command()
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    help="Your data: CSV, JSONL or Parquet, or a folder of Parquet files.",
)
@click.option("--labels", help="Your labels, separated by commas.")
@click.option("--text", help="The column with the text, if there is one.")
@click.option("--id", "id_column", help="The column that names an item.")
@click.option("--multi-label", is_flag=True, help="An item may have several of the labels, or none.")
@click.option(
    "--spans",
    is_flag=True,
    help="The data are documents: rules name places in them, and the labels say what stands there.",
)
@click.option(
    "--wrench",
    type=click.Path(path_type=Path),
    help="A WRENCH folder: its items, and its weak labels as rules.",
)
def init(  # noqa: PLR0913  # one parameter an option
    directory: Path,
    *,
    data: Path | None,
    labels: str | None,
    text: str | None,
    id_column: str | None,
    multi_label: bool,
    spans: bool,
    wrench: Path | None,
) -> None:
    """Make a project in DIRECTORY: a small example (text messages, ham or spam), or one for your own data."""
    from wsal.project import MultiLabelProject, Project
    from wsal.project.create import write_wrench
    from wsal.project.files.spans import write_span_project

    if wrench is not None and (data or labels or text or id_column or multi_label):
        raise click.UsageError("--wrench says what data and labels are; leave out the other options")
    if data is None and (labels or text or id_column or multi_label):
        raise click.UsageError(
            "--labels, --text, --id and --multi-label describe your own data: give --data too"
        )
    if data is not None and not labels:
        raise click.UsageError('--data needs --labels, for example --labels "ham,spam"')
    if spans:
        if multi_label or data is None:
            raise click.UsageError("--spans goes with --data, --labels, --text and --id alone")
        write_span_project(
            directory,
            documents=data,
            labels=[name.strip() for name in (labels or "").split(",")],
            text=text or "text",
            id_column=id_column or "id",
        )
        click.echo(f"made {directory}; next: edit span_rules/rules.yaml there, then wsal spans find")
        return
    project: Project | MultiLabelProject
    if wrench is not None:
        write_wrench(directory, wrench)
        project = Project.open(directory)
    elif data is None:
        project = Project.create_example(directory)
    else:
        names = [name.strip() for name in (labels or "").split(",")]
        make = MultiLabelProject.create if multi_label else Project.create
        project = make(directory, data=data, labels=names, text=text, id_column=id_column)
    click.echo(f"made {directory}: {project.config.name} ({', '.join(project.config.labels)})")
    click.echo(f"next: cd {directory}; wsal check; wsal apply; wsal fit; wsal status")

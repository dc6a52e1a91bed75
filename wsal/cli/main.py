"""``wsal``: the group of verbs, and what every verb does with an error."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from wsal.cli.options import say
from wsal.errors import WsalError

__all__ = ["Cli", "cli", "main"]

# verb → (module in this folder, function, help). A module is imported when its verb runs, for a quick start.
_VERBS: Mapping[str, tuple[str, str, str]] = {
    "init": ("init", "init", "Make a project folder, with a small example or for your own data."),
    "check": ("check", "check", "Check settings, data and rules, and run the tests of the rules."),
    "apply": ("runs", "apply", "Let every rule vote on every item."),
    "fit": ("runs", "fit", "Turn votes and answers into soft labels."),
    "status": ("status", "status", "Say where the project stands and what to do next."),
    "rules": ("rules", "rules", "List the rules, or show the scorecard of one."),
    "trust": ("trust", "trust", "Say whether to trust the label model over majority vote, and why."),
    "duplicates": ("duplicates", "duplicates", "List items that are copies of each other; set some apart."),
    "next": ("tasks", "next_", "Show the items to label next, and why."),
    "search": ("search", "search", "Find items by words or by examples, and queue them."),
    "outliers": ("outliers", "outliers", "List items that lie alone, which are asked for later."),
    "label": ("label", "label", "Label items at the keyboard."),
    "serve": ("serve", "serve", "Open the project in the browser."),
    "aside": ("aside", "aside", "List the items that nobody could label; put some back."),
    "review": ("people", "review", "List answers that evidence contradicts, and ask somebody else."),
    "annotators": ("people", "annotators", "Say how far people agree and how often each is right."),
    "classes": ("classes", "classes", "List the classes; add, rename, merge and split them."),
    "import": ("tasks", "import_", "Read answers from a CSV or JSONL file."),
    "estimate": ("estimate", "estimate", "Say how good rules and labels are, with intervals."),
    "costs": ("costs", "costs", "Say what answers took, and what a target will take."),
    "bias": ("bias", "bias", "Compare what rules and labels do between groups of items."),
    "why": ("why", "why", "Explain the label of an item."),
    "diff": ("diff", "diff", "Say what changed between two runs, and why."),
    "train": ("train", "train", "Train an end model on the labels, and judge it on a hold-out."),
    "export": ("export", "export", "Write the labels to a Parquet, CSV or JSONL file."),
    "spans": ("spans", "spans", "Find places in documents by rules, and write what stands there."),
    "track": ("track", "track", "Log the last fit at an MLflow server, with figures and intervals."),
    "audit": ("audit", "audit", "Check that the past was not changed."),
    "people": ("erasing", "people", "List the people whose names are known; erase one of them."),
    "backup": ("backup", "backup", "Save the ledger and all it names in one verified file."),
    "restore": ("backup", "restore", "Make a project from a backup."),
    "migrate": ("backup", "migrate", "Bring the store up to date, or move it to another database."),
    "doctor": ("doctor", "doctor", "Say what is the matter with this project or installation."),
    "simulate": ("simulate", "simulate", "Replay data with known labels, to choose a model and a strategy."),
    "demo": ("demo", "demo", "Run the main job on real data and print a report."),
}


class Cli(click.Group):
    """A group whose verbs are imported on demand, and which prints errors raised on purpose."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        """Name the verbs in the order of work."""
        return list(_VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  # the same
        """Import a verb's module and return its command."""
        if cmd_name not in _VERBS:
            return None
        module, function, _ = _VERBS[cmd_name]
        command: click.Command = getattr(import_module(f"wsal.cli.{module}"), function)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the verbs without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, _, text) in _VERBS.items()])

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401  # whatever the verb returns
        """Run a verb; an error raised on purpose is printed and becomes its exit code."""
        try:
            return super().invoke(ctx)
        except WsalError as error:
            text = str(error)
            say(text if ": error: " in text else f"error: {text}", err=True)
            ctx.exit(error.exit_code)
        except KeyboardInterrupt:
            click.echo("stopped; what was finished is kept, and the same command carries on", err=True)
            ctx.exit(130)


@click.group(cls=Cli, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--project",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="The project's folder; without it, the one that the current folder is in.",
)
@click.option(
    "--label",
    default=None,
    metavar="NAME",
    help="Where items have several labels: the one that this is about.",
)
@click.version_option(package_name="wsal")
@click.pass_context
def cli(ctx: click.Context, project: Path | None, label: str | None) -> None:
    """Label data with rules and people, and know where every label comes from."""
    ctx.obj = project or Path.cwd()
    if label is not None:
        from wsal.config import find_config, read_config
        from wsal.project.multi_label.project import label_folder

        ctx.obj = label_folder(read_config(find_config(ctx.obj)), label)


def main() -> None:
    """Run the command line; a reader that went away (``| head``) is no error."""
    try:
        cli()
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)


if __name__ == "__main__":
    main()

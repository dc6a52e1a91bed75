"""The documentation builds without a warning, and leaves no verb of the command line out."""

from __future__ import annotations

import importlib.util
import os
import re
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
    readme = (DOCS.parent / "README.md").read_text(encoding="utf-8")
    absent = [verb for verb in verbs if f"`{verb.split(' ', 1)[1]}`" not in readme and verb.count(" ") == 1]
    assert not absent, f"README.md does not list {', '.join(absent)}"


def test_every_option_stands_in_the_reference_of_the_command_line():
    from wsal.cli.main import cli

    page = (DOCS / "reference" / "cli.md").read_text(encoding="utf-8")
    stated = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", page))
    absent = sorted(_options(cli, click.Context(cli)) - stated)
    assert not absent, f"docs/reference/cli.md does not mention {', '.join(absent)}"


def _options(group: click.Group, context: click.Context) -> set[str]:
    found: set[str] = set()
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            found |= _options(command, context)
        found |= {
            option for parameter in command.params for option in parameter.opts if option.startswith("--")
        }
    return found


def test_the_page_of_the_label_model_states_the_defaults():
    from wsal.label_models import LabelModel
    from wsal.training.end_model import EndModel

    page = (DOCS / "explanation" / "label-model.md").read_text(encoding="utf-8")
    model, end = LabelModel(), EndModel()
    for stated in (
        rf"$\rho = {model.prior_precision:g}$ and $\alpha = {model.prior_strength:g}$",
        f"e^{{{model.agreement_weight:g}\\,a_s}}",
        f"- {model.tie_weight:g} \\log v_y",
        f"{model.local_strength:g}\\, m_u + H_u",
        f"down to $J = {model.copy_similarity:g}$",
        f"$C = {end.C:g}$",
        f"{end.share_floor:g}/k))]^{{{end.class_weight_power:g}}}$",
    ):
        assert stated in page, stated


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

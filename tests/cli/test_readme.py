from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

README = Path(__file__).resolve().parents[2] / "README.md"
TEXT = README.read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", TEXT, flags=re.MULTILINE | re.DOTALL)


def test_the_walk_through_of_the_readme_runs_as_it_is_written(tmp_path):
    commands = [
        line[2:] for block in blocks("console") for line in block.splitlines() if line.startswith("$ ")
    ]
    assert [c.split()[1] for c in commands if c.startswith("wsal ")] == [
        "init", "check", "apply", "fit", "status", "rules", "next", "import", "fit", "why", "export", "audit",
    ]  # fmt: skip
    script = "set -euo pipefail\n" + "\n".join(commands)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False,
        env={**os.environ, "PATH": path},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    exported = (tmp_path / "first" / "labels.csv").read_text(encoding="utf-8").splitlines()
    assert exported[0] == "id,p_ham,p_spam,label,source,run"
    answered = next(line for line in exported if line.startswith("m001,"))
    assert answered.split(",")[1:5] == ["0.0", "1.0", "spam", "human"]
    assert "answered spam by ana" in done.stdout


def test_the_python_of_the_readme_runs_as_it_is_written():
    names: dict = {}
    for block in blocks("python"):
        exec(compile(block, str(README), "exec"), names)  # noqa: S102  # our own page
    assert names["soft"].shape == (4, 2)
    assert names["model"].predict_proba(names["votes"])[3].tolist() == [1.0, 0.0]
    assert len(names["batch"].item_ids) == 2
    assert names["why"].label == "spam"


def test_the_rule_of_the_readme_is_a_pack_that_passes_its_tests(tmp_path):
    from wsal.cli.main import cli

    pack = tmp_path / "rules.yaml"
    pack.write_text(blocks("yaml")[0], encoding="utf-8")
    from click.testing import CliRunner

    result = CliRunner().invoke(cli, ["check", str(pack)])
    assert result.exit_code == 0, result.output
    assert "1 rule, 2 tests, 0 failed" in result.output


@pytest.mark.parametrize("target", ["demo", "test"])
def test_the_two_commands_are_targets_of_the_makefile(target):
    assert f"\nmake {target}\n" in TEXT
    assert f"\n{target}: " in (README.parent / "Makefile").read_text(encoding="utf-8")

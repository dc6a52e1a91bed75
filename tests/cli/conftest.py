"""The command line, run in this process; tests that need a process or a terminal start one themselves."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from wsal.cli.main import cli


@pytest.fixture
def wsal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run ``wsal`` with arguments in ``tmp_path`` (or ``cwd``); ``code`` is the exit code that is expected."""
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.setenv("WSAL_ANNOTATOR", "tester")

    def run(*arguments: str, code: int = 0, cwd: Path | None = None, stdin: str = "") -> Result:
        with monkeypatch.context() as here:
            here.chdir(cwd or tmp_path)
            result = CliRunner().invoke(cli, arguments, input=stdin)
        broken = result.exception and not isinstance(result.exception, SystemExit)
        raised = "".join(traceback.format_exception(result.exception)) if broken else ""
        assert result.exit_code == code, f"wsal {' '.join(arguments)}\n{result.output}\n{raised}"
        return result

    return run


@pytest.fixture
def project(wsal, tmp_path: Path) -> Path:
    """Make the example project of ``wsal init``."""
    wsal("init", "first")
    return tmp_path / "first"

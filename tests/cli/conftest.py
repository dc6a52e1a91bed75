"""The command line as a user runs it: a process of its own, in a folder of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

WSAL = Path(sys.executable).with_name("wsal")


@pytest.fixture
def wsal(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run ``wsal`` with arguments in ``tmp_path`` (or ``cwd``); ``code`` is the exit code that is expected."""

    def run(*arguments: str, code: int = 0, cwd: Path | None = None, stdin: str = ""):
        done = subprocess.run(
            [WSAL, *arguments],
            cwd=cwd or tmp_path,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            env={**os.environ, "COLUMNS": "160", "WSAL_ANNOTATOR": "tester"},
        )
        assert done.returncode == code, f"wsal {' '.join(arguments)}\n{done.stdout}\n{done.stderr}"
        return done

    return run


@pytest.fixture
def project(wsal, tmp_path: Path) -> Path:
    """Make the example project of ``wsal init``."""
    wsal("init", "first")
    return tmp_path / "first"

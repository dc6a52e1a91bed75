"""What is in the wheel is enough: the demo runs from it, outside the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory) -> Path:
    """Build the wheel and unpack it where no checkout is near."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        timeout=120,
    )
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def run(unpacked: Path, folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "wsal.cli.main", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(unpacked)},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_demo_runs_from_the_wheel(unpacked, tmp_path):
    where = subprocess.run(
        [sys.executable, "-c", "import wsal; print(wsal.__file__)"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(unpacked)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert where.stdout.startswith(str(unpacked))
    said = run(unpacked, tmp_path, "demo", "--dir", "here", "--answers", "20")
    assert "the ledger verifies" in said
    assert (tmp_path / "here" / "labels.csv").exists()
    assert (tmp_path / "here" / "wsal.toml").exists()


def test_the_example_of_init_is_in_the_wheel(unpacked, tmp_path):
    run(unpacked, tmp_path, "init", "first")
    assert "0 failed" in run(unpacked, tmp_path / "first", "check")


def test_the_wheel_holds_what_it_needs_and_no_tests(unpacked):
    names = {str(path.relative_to(unpacked)) for path in unpacked.rglob("*")}
    assert "wsal/py.typed" in names
    assert any(name.startswith("wsal/store/migrations/versions/") for name in names)
    assert not any(name.startswith(("tests", "wsal/tests")) for name in names)
    assert not any(name.endswith((".pyc", "store.db")) for name in names)

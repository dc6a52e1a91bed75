"""What is in the wheel is enough: the demo runs from it, outside the checkout. The source archive holds the rest."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def build(source: Path, out: Path, *targets: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", *[f"-t{target}" for target in targets], "-d", str(out)],
        cwd=source,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def dist(tmp_path_factory) -> Path:
    """Build the wheel and the source archive."""
    folder = tmp_path_factory.mktemp("dist")
    build(ROOT, folder, "wheel", "sdist")
    return folder


@pytest.fixture(scope="module")
def wheel(dist) -> Path:
    (wheel,) = dist.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def unpacked(wheel, tmp_path_factory) -> Path:
    """Unpack the wheel where no checkout is near."""
    folder = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)  # noqa: S202  # made above, by us
    return folder


@pytest.fixture(scope="module")
def source(dist, tmp_path_factory) -> Path:
    """Unpack the source archive."""
    folder = tmp_path_factory.mktemp("source")
    (packed,) = dist.glob("*.tar.gz")
    with tarfile.open(packed) as archive:
        archive.extractall(folder, filter="data")
    (inside,) = folder.iterdir()
    return inside


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


def shipped(folder: Path) -> set[str]:
    """Name the files of a folder of the checkout that belong to what is shipped, relative to the checkout."""
    return {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and path.suffix != ".pyc" and not _made(path)
    }


def _made(path: Path) -> bool:
    # What tools and runs leave in a checkout; .gitignore of the checkout and of its folders names the same.
    parts = path.relative_to(ROOT).parts
    return any(
        part in {"__pycache__", "_build", ".wsal", ".hypothesis", "work"} or part.endswith("_cache")
        for part in parts
    )


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


def test_the_example_of_init_and_the_schema_of_packs_are_in_the_wheel(unpacked, tmp_path):
    run(unpacked, tmp_path, "init", "first")
    assert "0 failed" in run(unpacked, tmp_path / "first", "check")
    schema = json.loads(run(unpacked, tmp_path, "check", "--schema"))
    assert {"wsal", "task", "labels", "rules"} <= schema["properties"].keys()


def test_the_wheel_holds_every_file_of_the_package_and_of_the_examples_and_nothing_else(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    package = shipped(Path("wsal"))
    for needed in ("wsal/py.typed", "wsal/web/templates/base.html", "wsal/web/static/app.css"):
        assert needed in package
    assert any(name.startswith("wsal/store/migrations/versions/") for name in package)
    bundled = {
        f"wsal/_bundled/{name}" for folder in ("examples", "labeling_functions") for name in shipped(folder)
    }
    about = {name for name in names if name.split("/")[0].endswith(".dist-info")}
    written = {name for name in names - about if not _written_by_a_run(name)}
    assert written == {name for name in package | bundled if not _written_by_a_run(name)}
    assert {name.split("/", 1)[1] for name in about} == {
        "METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE",
    }  # fmt: skip


def _written_by_a_run(name: str) -> bool:
    # examples/*/.gitignore: the data that make_data.py writes there.
    return name.endswith((".parquet", "biopsies.csv")) or name == "wsal/_bundled/examples/digits/gold.csv"


def test_the_wheel_says_its_version_license_and_needs_as_the_project_does(wheel):
    import wsal

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    with zipfile.ZipFile(wheel) as archive:
        (about,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        metadata = Parser().parsestr(archive.read(about).decode())
        license_ = archive.read(about.replace("METADATA", "licenses/LICENSE"))
    assert metadata["Version"] == project["version"] == wsal.__version__
    assert metadata["License-Expression"] == "Apache-2.0"
    assert license_ == (ROOT / "LICENSE").read_bytes()
    assert sorted(metadata.get_all("Provides-Extra")) == sorted(project["optional-dependencies"])


def test_the_source_archive_holds_all_that_the_make_targets_need(source):
    for folder in ("wsal", "labeling_functions", "examples", "docs", "tests", "benchmarks"):
        there = {p.relative_to(source).as_posix() for p in (source / folder).rglob("*") if p.is_file()}
        assert shipped(Path(folder)) - there == set()
    for name in (
        "Makefile",
        "pyproject.toml",
        "README.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "CHANGELOG.md",
        "LICENSE",
    ):
        assert (source / name).is_file(), name


def test_the_wheel_made_from_the_source_archive_is_the_same(source, wheel, tmp_path):
    build(source, tmp_path, "wheel")
    (again,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as ours, zipfile.ZipFile(again) as theirs:
        assert {i.filename: i.CRC for i in ours.infolist()} == {i.filename: i.CRC for i in theirs.infolist()}


@pytest.mark.soak
@pytest.mark.timeout(1800)  # pip brings all that wsal needs
def test_the_demo_runs_in_an_empty_environment_that_pip_filled_from_the_wheel_alone(wheel, tmp_path):
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "venv")], check=True)
    installed = subprocess.run(
        [tmp_path / "venv/bin/python", "-m", "pip", "install", "-q", str(wheel)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert installed.returncode == 0, installed.stderr
    bare = {"PATH": f"{tmp_path}/venv/bin:/usr/bin:/bin", "HOME": str(tmp_path), "LANG": "C.UTF-8"}

    def wsal(*arguments: str, folder: Path = tmp_path) -> str:
        done = subprocess.run(
            ["wsal", *arguments], cwd=folder, env=bare, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    assert "the ledger verifies" in wsal("demo", "--dir", "here")
    for verb in ("status", "rules", "estimate"):
        wsal(verb, folder=tmp_path / "here")
    assert "identical" in wsal("audit", "replay", folder=tmp_path / "here")
    wsal("init", "first")
    for verb in ("check", "apply", "fit"):
        wsal(verb, folder=tmp_path / "first")

"""The pages' own scripts: TypeScript's checker reads their JSDoc. Nobody who uses wsal needs it, or npm."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from wsal.web.rendering import STATIC

HERE = Path(__file__).parent
TYPESCRIPT = "typescript@5.8.3"


def test_the_scripts_keep_to_their_types():
    if shutil.which("npx") is None:
        pytest.skip("there is no npx to fetch TypeScript's checker with")
    command = [
        "npx",
        "--yes",
        "--package",
        TYPESCRIPT,
        "--",
        "tsc",
        "--pretty",
        "false",
        "-p",
        HERE / "jsconfig.json",
    ]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    except subprocess.TimeoutExpired:
        pytest.skip("npm did not bring TypeScript's checker within four minutes")
    if done.returncode and not re.search(r"\.js\(\d+,\d+\): error TS", done.stdout):
        pytest.skip(f"npm did not bring TypeScript's checker: {(done.stderr or done.stdout)[:200]}")
    assert done.returncode == 0, done.stdout


def test_the_scripts_are_few_and_import_nothing_from_elsewhere():
    lines = {path.name: path.read_text(encoding="utf-8").splitlines() for path in STATIC.glob("*.js")}
    imported = {
        name
        for text in lines.values()
        for line in text
        for name in re.findall(r'^(?:import|export) .*from "([^"]+)";$', line)
    }
    assert imported <= {f"./{name}" for name in lines}
    assert sum(map(len, lines.values())) < 1500

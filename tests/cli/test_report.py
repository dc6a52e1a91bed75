"""`wsal audit report`: one file, or JSON."""

from __future__ import annotations

import json
import sqlite3

import pytest


@pytest.fixture
def fitted(wsal, project):
    wsal("apply", cwd=project)
    wsal("fit", cwd=project)
    return project


def test_one_html_file_is_written_and_never_replaced_unasked(wsal, fitted):
    said = wsal("audit", "report", cwd=fitted).stdout
    assert "report.html: open it in a browser" in said
    page = (fitted / "report.html").read_text(encoding="utf-8")
    assert page.lstrip().startswith("<!doctype html>")
    assert "is there already" in wsal("audit", "report", code=2, cwd=fitted).stderr
    wsal("audit", "report", "--force", cwd=fitted)
    wsal("audit", "report", "--out", "other/place.html", cwd=fitted)
    assert (fitted / "other" / "place.html").is_file()


def test_json_is_printed_and_nothing_is_written(wsal, fitted):
    found = json.loads(wsal("audit", "report", "--json", cwd=fitted).stdout)
    assert found["name"] == "spam"
    assert found["summary"]
    assert not (fitted / "report.html").exists()


def test_a_tampered_ledger_is_exit_code_1_and_still_a_report(wsal, fitted):
    with sqlite3.connect(fitted / ".wsal" / "store.db") as connection:
        connection.execute("UPDATE rules SET author = 'somebody else'")
    said = wsal("audit", "report", code=1, cwd=fitted).stdout
    assert "THE RECORD IS DAMAGED" in said
    assert "The record is damaged" in (fitted / "report.html").read_text(encoding="utf-8")


def test_a_damaged_file_leaves_its_part_out_and_says_so(wsal, fitted):
    votes = next((fitted / ".wsal" / "runs").glob("apply-*/votes.parquet"))
    votes.chmod(0o644)
    votes.write_bytes(votes.read_bytes() + b"x")
    said = wsal("audit", "report", code=1, cwd=fitted).stdout
    assert "What was labelled cannot be read." in said
    assert "THE RECORD IS DAMAGED" in said
    assert "was changed after it was written" in (fitted / "report.html").read_text(encoding="utf-8")


def test_wrong_columns_are_refused(wsal, fitted):
    assert "no column 'nope'" in wsal("audit", "report", "--by", "nope", code=2, cwd=fitted).stderr
    assert "no time" in wsal("audit", "report", "--time", "text", code=2, cwd=fitted).stderr

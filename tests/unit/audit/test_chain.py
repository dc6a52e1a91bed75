import subprocess
from dataclasses import replace
from typing import get_args

import pytest

from wsal.audit import (
    GENESIS,
    AnswerUndone,
    Event,
    Finding,
    FindingKind,
    Head,
    LedgerRow,
    VerificationReport,
    link,
    verify,
)


def make_rows(n):
    rows, prev = [], GENESIS
    for seq in range(1, n + 1):
        body = Event.of(AnswerUndone(f"u{seq}", f"e{seq}"), actor="ana").body()
        rows.append(LedgerRow(seq, prev, link(prev, body), body))
        prev = rows[-1].hash
    return rows


def kinds(report):
    return [finding.kind for finding in report.findings]


def test_an_untouched_chain_verifies():
    rows = make_rows(5)
    report = verify(iter(rows), head=Head(5, rows[-1].hash))
    assert report.ok
    assert (report.n_rows, report.head) == (5, Head(5, rows[-1].hash))
    assert str(report).startswith("the ledger verifies: 5 rows, head ")


def test_the_hash_is_what_a_shell_computes(tmp_path):
    (tmp_path / "body").write_bytes(b'{"a":1}')
    shell = subprocess.run(
        ["sh", "-c", f"(printf %s {GENESIS}; cat body) | sha256sum"],
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )
    assert shell.stdout.decode().split()[0] == link(GENESIS, b'{"a":1}')


def test_an_edited_row_is_found():
    rows = make_rows(5)
    rows[2] = replace(rows[2], body=rows[2].body.replace(b"e3", b"e4"))
    report = verify(rows)
    assert kinds(report) == ["edited"]
    assert report.findings[0].seq == 3


def test_an_edited_row_with_a_new_hash_of_its_own_breaks_the_link_behind_it():
    rows = make_rows(5)
    body = rows[2].body.replace(b"e3", b"e4")
    rows[2] = replace(rows[2], body=body, hash=link(rows[2].prev_hash, body))
    report = verify(rows)
    assert [(finding.kind, finding.seq) for finding in report.findings] == [("link", 4)]


def test_a_deleted_row_is_found():
    rows = make_rows(5)
    del rows[2]
    assert kinds(verify(rows)) == ["gap", "link"]


def test_a_deleted_first_row_is_found():
    assert kinds(verify(make_rows(3)[1:])) == ["gap", "link"]


def test_rows_in_another_order_are_found():
    rows = make_rows(4)
    rows[1], rows[2] = rows[2], rows[1]
    assert "order" in kinds(verify(rows))


def test_rows_cut_off_at_the_end_are_found_against_a_head_and_only_so():
    rows = make_rows(4)
    assert verify(rows[:3]).ok
    assert kinds(verify(rows[:3], head=Head(4, rows[3].hash))) == ["head"]


def test_a_row_that_was_added_behind_the_head_is_found():
    rows = make_rows(4)
    assert kinds(verify(rows, head=Head(3, rows[2].hash))) == ["head"]


def test_an_empty_ledger_where_rows_should_be_is_found():
    assert kinds(verify([], head=Head(1, "f" * 64))) == ["head"]


def test_bytes_that_are_no_event_are_found_though_their_hash_is_right():
    rows = [LedgerRow(1, GENESIS, link(GENESIS, b"{}"), b"{}")]
    assert kinds(verify(rows)) == ["unreadable"]


def test_a_hash_that_is_no_ascii_is_found_not_raised():
    row = replace(make_rows(1)[0], prev_hash="ä\ud800")
    assert kinds(verify([row])) == ["link", "edited"]


def test_at_most_a_hundred_findings_are_kept_and_the_rest_counted():
    rows = [replace(row, hash="f" * 64) for row in make_rows(150)]
    report = verify(rows)
    assert len(report.findings) == 100
    assert report.n_more > 0
    assert f"… and {report.n_more} more" in str(report)


def test_a_report_says_its_findings_in_words():
    report = VerificationReport(1, Head()).extended(
        [Finding("file", "the file a is missing")], notes=["a note"]
    )
    text = str(report)
    assert "does not verify" in text
    assert "1 finding\n  the file a is missing\n    meaning: votes, labels or a model" in text
    assert text.endswith("  note: a note")


def test_what_findings_of_a_kind_mean_is_said_once():
    report = VerificationReport(1, Head()).extended(
        [Finding("file", "a is missing"), Finding("file", "b is missing"), Finding("guard", "no trigger")]
    )
    assert str(report).count("meaning:") == 2


@pytest.mark.parametrize("kind", get_args(FindingKind))
def test_every_kind_of_finding_says_what_it_means(kind):
    assert len(Finding(kind, "x").meaning) > 20


@pytest.mark.parametrize("position", [0, 10, 30, 63])
def test_any_changed_digit_of_a_hash_is_found(position):
    rows = make_rows(3)
    digits = list(rows[1].hash)
    digits[position] = "0" if digits[position] != "0" else "1"
    rows[1] = replace(rows[1], hash="".join(digits))
    assert not verify(rows).ok

from __future__ import annotations

import re


def test_the_demo_closes_the_loop_and_reports_it(wsal, tmp_path):
    said = wsal("demo", "--dir", "d").stdout
    assert "the gold label of the set plays the expert" in said
    assert re.search(r"check   1\d rules, \d+ tests of rules, 0 failed", said)
    assert re.search(r"% of 569 items covered, .* in conflict", said)
    assert "label   40 answers" in said
    before, after = (
        float(x) for x in re.search(r"\((\d+\.\d) %\), after them .*?\((\d+\.\d) %\)", said).groups()
    )
    assert after > before
    assert said.count("log odds of") == 3
    assert "the ledger verifies" in said
    assert "569 items were sorted into benign and malignant, by 16 written rules" in " ".join(said.split())
    folder = tmp_path / "d"
    assert {p.name for p in folder.iterdir()} == {
        "wsal.toml", "biopsies.csv", "labeling_functions", "labels.csv", "labels.csv.croissant.json",
        "report.html", ".wsal",
    }  # fmt: skip
    assert "malignant" not in (folder / "biopsies.csv").read_text()
    wsal("status", cwd=folder)


def test_the_demo_replaces_nothing_unasked(wsal, tmp_path):
    wsal("demo", "--dir", "d", "--answers", "0")
    assert "--force" in wsal("demo", "--dir", "d", code=2).stderr
    wsal("demo", "--dir", "d", "--answers", "0", "--force")
    other = tmp_path / "mine"
    other.mkdir()
    (other / "thesis.txt").write_text("years of work")
    assert "not empty" in wsal("demo", "--dir", "mine", "--force", code=2).stderr
    assert (other / "thesis.txt").read_text() == "years of work"

"""A pack with other classes: only the words that name them change, and what cannot be changed safely is refused."""

from __future__ import annotations

import pytest

from wsal.errors import PackError
from wsal.lf import load_pack
from wsal.lf.pack_edits import Relabelling, label_uses, relabel_pack

PACK = """\
# our rules
wsal: 1
labels: [ham, spam, advert]  # three
rules:
  # about prizes
  - id: prize        # spam, they say
    label: spam      # a comment that says spam
    when: {keywords: [prize, spam]}
    why: spam names prizes

  - {id: offer, label: 'advert', when: {keywords: [offer]}}
  - id: llm
    when:
      column: llm
      values: {1: spam, 2: ham, "spam": "advert"}
"""


@pytest.fixture
def pack(tmp_path):
    path = tmp_path / "rules.yaml"
    path.write_text(PACK)
    return path


def how(names, labels, **more):
    return Relabelling(names, labels, more.pop("by_rule", {}), **more)


def read(path, text, labels):
    path.write_text(text)
    return load_pack(path, labels=labels)


def test_a_renamed_class_is_renamed_where_it_names_a_class_and_nowhere_else(pack):
    edit = relabel_pack(pack, how({"spam": "junk: mail"}, ("ham", "junk: mail", "advert")))
    expected = (
        PACK.replace("[ham, spam, advert]", '[ham, "junk: mail", advert]')
        .replace("label: spam ", 'label: "junk: mail" ')
        .replace("{1: spam", '{1: "junk: mail"')
    )
    assert edit.text == expected
    assert [change.split(":")[0] for change in edit.changes] == ["3", "7", "15"]
    rules = read(pack, edit.text, ("ham", "junk: mail", "advert")).rules
    assert rules[0].label == "junk: mail"


def test_merged_classes_are_one_in_the_list(pack):
    edit = relabel_pack(pack, how({"spam": "junk", "advert": "junk"}, ("ham", "junk")))
    assert "labels: [ham, junk]  # three" in edit.text
    assert '{1: junk, 2: ham, "spam": junk}' in edit.text
    assert {rule.label for rule in read(pack, edit.text, ("ham", "junk")).rules} == {"junk", None}


def test_a_list_over_several_lines_stays_one(tmp_path):
    path = tmp_path / "p.yaml"
    path.write_text(
        "wsal: 1\nlabels:\n  - ham\n  - spam   # bad\n\nrules:\n  - id: a\n    label: spam\n    when: {regex: a}\n"
    )
    edit = relabel_pack(path, how({"spam": None}, ("ham", "scam", "advert"), by_rule={"a": "scam"}))
    assert edit.text.startswith("wsal: 1\nlabels:\n  - ham\n  - scam\n  - advert   # bad\n\nrules:\n")
    assert read(path, edit.text, ("ham", "scam", "advert")).rules[0].label == "scam"


def test_rules_of_a_split_class_are_undecided_until_somebody_decides(pack):
    labels = ("ham", "scam", "joke", "advert")
    assert relabel_pack(pack, how({"spam": None}, labels)).undecided == ("prize",)
    decided = relabel_pack(pack, how({"spam": None}, labels, by_rule={"prize": "scam", "llm": "joke"}))
    assert decided.undecided == ()
    assert "label: scam      # a comment that says spam" in decided.text
    assert "{1: joke, 2: ham" in decided.text


def test_a_rule_that_is_set_aside_leaves_whole_and_the_others_stay_as_they_are(pack):
    edit = relabel_pack(pack, how({"spam": None}, ("ham", "scam", "joke", "advert"), set_aside=True))
    assert edit.removed.startswith("  - id: prize        # spam, they say\n    label: spam ")
    assert edit.removed.endswith("    why: spam names prizes\n")
    assert "  # about prizes\n\n  - {id: offer" in edit.text
    assert "{1: null, 2: ham" in edit.text  # the value abstains
    assert [rule.source_id for rule in read(pack, edit.text, ("ham", "scam", "joke", "advert")).rules] == [
        "offer",
        "llm",
    ]


def test_the_last_rule_can_leave_too(tmp_path):
    path = tmp_path / "p.yaml"
    path.write_text(
        "wsal: 1\nrules:\n- {id: a, label: ham, when: {regex: a}}\n- id: b\n  label: spam\n  when:\n    regex: b"
    )
    edit = relabel_pack(path, how({"spam": None}, ("ham", "x", "y"), set_aside=True))
    assert edit.text == "wsal: 1\nrules:\n- {id: a, label: ham, when: {regex: a}}\n"
    assert edit.removed.endswith("    regex: b")


def test_a_pack_that_names_none_of_the_classes_is_left_alone(pack):
    assert relabel_pack(pack, how({"news": "report"}, ("ham", "spam", "advert", "report"))) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("wsal: 1\nrules:\n  - {id: &x spam, label: *x, when: {regex: a}}\n", "cannot be edited safely"),
        ("wsal: 1\nrules: [{id: a, label: spam, when: {regex: a}}]\n", "stands in a line with others"),
    ],
)
def test_what_cannot_be_edited_safely_is_refused_with_its_place(tmp_path, text, said):
    path = tmp_path / "p.yaml"
    path.write_text(text)
    wanted = (
        how({"spam": "junk"}, ("ham", "junk"))
        if "&x" in text
        else how({"spam": None}, ("ham", "x", "y"), set_aside=True)
    )
    with pytest.raises(PackError, match=said) as caught:
        relabel_pack(path, wanted)
    assert caught.value.location.line in (2, 3)
    assert "by hand" in str(caught.value)


def test_the_uses_of_a_class_are_named_with_their_places(pack):
    uses = list(label_uses(pack, frozenset({"spam"})))
    assert [(use.rule, use.location.line, use.value) for use in uses] == [("prize", 7, None), ("llm", 15, 1)]

"""Editing one rule of a pack leaves every other byte of it."""

import pytest

from wsal.errors import InputError
from wsal.lf.drafts import read_draft, with_author
from wsal.lf.pack_text import PackText

PACK = """\
# the pack
wsal: 1
rules:
  # the first
  - id: a   # its name
    label: x
    # inside
    when: {keywords: [one]}

  # the second
  - {id: b, label: x, when: {rule: a}}
  - id: c
    label: x
    when:
      regex: |-
        # no comment
        z
    # belongs to c
  # the end
"""
NEW = "id: a\nlabel: x\nwhen:\n  keywords: [two]"


@pytest.fixture
def pack():
    return PackText.of(PACK, "p.yaml")


def test_each_rule_written_as_it_is_changes_nothing(pack):
    for ends in ("\n", "\r\n"):
        same = PackText.of(PACK.replace("\n", ends), "p.yaml")
        for rule in same.ids:
            assert same.replaced(rule, same.rule_text(rule)) == PACK.replace("\n", ends)


def test_a_rule_is_shown_with_the_comments_inside_it_and_none_of_its_neighbours(pack):
    assert pack.rule_text("a") == "id: a   # its name\nlabel: x\n# inside\nwhen: {keywords: [one]}"
    assert pack.rule_text("c").endswith("# no comment\n    z\n# belongs to c")
    assert [pack.line(rule) for rule in pack.ids] == [5, 11, 12]


def test_a_changed_rule_leaves_the_comments_of_the_others(pack):
    edited = pack.replaced("a", NEW)
    assert edited == PACK.replace(
        "id: a   # its name\n    label: x\n    # inside\n    when: {keywords: [one]}",
        "id: a\n    label: x\n    when:\n      keywords: [two]",
    )


def test_a_new_rule_stands_behind_the_last_and_a_removed_one_is_gone(pack):
    more = PackText.of(pack.appended("id: d\nlabel: x\nwhen: {rule: a}"), "p.yaml")
    assert more.ids == ("a", "b", "c", "d")
    assert more.without("d").replace("\n\n  # the end", "\n  # the end") == PACK
    assert PackText.of(pack.without("b"), "p.yaml").ids == ("a", "c")
    assert "# the second" in pack.without("b")


@pytest.mark.parametrize("text", ["id: a\n- id: b", "id: a\nrules: []\n---\nx: 1", "{id: a}\nlabel: x"])
def test_a_text_that_would_change_more_than_one_rule_is_refused(pack, text):
    with pytest.raises(InputError):
        pack.replaced("a", text)


def test_the_only_rule_and_rules_in_brackets_are_not_taken_out():
    one = PackText.of("wsal: 1\nrules: [{id: a, label: x, when: {keywords: [q]}}]\n", "p.yaml")
    with pytest.raises(InputError, match="only one"):
        one.without("a")
    with pytest.raises(InputError, match="brackets"):
        one.appended("id: b")
    assert PackText.of(one.replaced("a", "{id: a, label: y}"), "p.yaml").rules["a"]["label"] == "y"


@pytest.mark.parametrize("author", ["eve", "no", "ana.b", 'o"x: y', "# z", "1.5"])
@pytest.mark.parametrize("rule", ["a", "b", "c"])
def test_the_author_is_written_or_replaced_and_nothing_else(pack, tmp_path, author, rule):
    for text in (
        pack.rule_text(rule),
        with_author(read_draft(pack.rule_text(rule), pack, folder=tmp_path), "x y"),
    ):
        signed = with_author(read_draft(text, pack, folder=tmp_path), author)
        read = PackText.of(pack.replaced(rule, signed), "p.yaml").rules[rule]
        assert read == pack.rules[rule] | {"author": author}
        assert [line for line in signed.splitlines() if "#" in line and "author" not in line] == [
            line for line in pack.rule_text(rule).splitlines() if "#" in line
        ]

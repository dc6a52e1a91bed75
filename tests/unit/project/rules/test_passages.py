from hypothesis import given
from hypothesis import strategies as st

from wsal import load_rules
from wsal.project.rules.passages import Passage, _cut, passages_of


def rules(tmp_path, text):
    pack = tmp_path / "pack.yaml"
    pack.write_text(f"wsal: 1\nlabels: [a, b]\nrules:\n{text}", encoding="utf-8")
    return load_rules(pack)


def test_a_text_is_cut_where_matches_begin_and_end_and_overlaps_name_both_rules(tmp_path):
    two = rules(
        tmp_path,
        "  - {id: one, label: a, when: {keywords: [free prize]}}\n"
        "  - {id: two, label: b, when: {regex: 'prize now'}}\n",
    )
    item = {"text": "A free prize now 🎁", "other": 3}
    assert passages_of(item, item, two) == {
        "text": (
            Passage("A "),
            Passage("free ", ("one",)),
            Passage("prize", ("one", "two")),
            Passage(" now", ("two",)),
            Passage(" 🎁"),
        )
    }


def test_a_field_without_matches_or_that_is_not_shown_is_left_out(tmp_path):
    (one,) = rules(tmp_path, "  - {id: one, label: a, when: {keywords: [prize]}}\n")
    assert passages_of({"text": "no"}, {"text": "no"}, [one]) == {}
    assert passages_of({"size": 1}, {"size": 1, "text": "prize"}, [one]) == {}


@given(
    st.text(max_size=30),
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30), st.sampled_from("abc")), max_size=8),
)
def test_the_passages_of_a_text_are_the_text_and_each_character_names_its_rules(text, spans):
    inside = [(min(a, b, len(text)), min(max(a, b), len(text)), rule) for a, b, rule in spans]
    passages = _cut(text, inside)
    assert "".join(p.text for p in passages) == text
    at = 0
    for passage in passages:
        for place in range(at, at + len(passage.text)):
            assert set(passage.rules) == {rule for a, b, rule in inside if a <= place < b}
        at += len(passage.text)

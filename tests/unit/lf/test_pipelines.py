"""Tokens rules on a pipeline that the pack names, and phrases."""

from __future__ import annotations

from pathlib import Path

import pytest
import spacy

from wsal.errors import PackError
from wsal.lf import ColumnTable, RulePack, load_pack
from wsal.lf.conditions import evaluate
from wsal.lf.conditions.tokens import TokensCondition


def load(folder: Path, tokens: str, *, pipeline: str | None = "own_pipeline") -> RulePack:
    named = f"pipeline: {pipeline}\n" if pipeline else ""
    (folder / "pack.yaml").write_text(
        f"wsal: 1\nlabels: [ham, spam]\n{named}rules:\n"
        f"  - {{id: one, label: spam, when: {{tokens: {tokens}}}}}\n"
    )
    return load_pack(folder / "pack.yaml")


def answers(pack: RulePack, texts: list[str]) -> list[int]:
    return evaluate([rule.condition for rule in pack.rules], ColumnTable({"text": texts}))[0].tolist()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Save a pipeline beside the pack that knows a lemma and an entity, and nothing of syntax."""
    pipeline = spacy.blank("en")
    ruler = pipeline.add_pipe("attribute_ruler")
    ruler.add([[{"LOWER": {"IN": ["won", "wins"]}}]], {"LEMMA": "win", "POS": "VERB"})
    pipeline.add_pipe("entity_ruler").add_patterns([{"label": "ORG", "pattern": "Acme"}])
    pipeline.to_disk(tmp_path / "own_pipeline")
    return tmp_path


def test_rules_may_ask_for_what_the_pipeline_knows(folder):
    texts = ["Acme won", "acme wins", "we lose", ""]
    assert answers(load(folder, "[{LEMMA: win}]"), texts) == [1, 1, 0, 0]
    assert answers(load(folder, "[{ENT_TYPE: ORG}, {POS: VERB}]"), texts) == [1, 0, 0, 0]
    assert answers(load(folder, "[{LEMMA: {REGEX: '^w.n$'}, LOWER: wins}]"), texts) == [0, 1, 0, 0]
    assert answers(load(folder, "[{LOWER: acme}]"), texts) == [1, 1, 0, 0]


def test_an_attribute_that_no_component_gives_is_refused_at_load_with_the_cure(folder):
    with pytest.raises(
        PackError, match="DEP needs a parser, which the pipeline 'own_pipeline' lacks"
    ) as caught:
        load(folder, "[{DEP: nsubj}]")
    assert (caught.value.location.line, caught.value.location.column) == (5, 45)
    assert "name a pipeline that has one" in caught.value.hint
    with pytest.raises(PackError, match="LEMMA needs a trained") as caught:
        load(folder, "[{LEMMA: win}]", pipeline=None)
    assert "pipeline: en_core_web_sm" in caught.value.hint


@pytest.mark.parametrize(
    ("name", "says", "cure"),
    [
        ("xx_not_installed", "cannot load the pipeline 'xx_not_installed'", "python -m spacy download"),
        ("../elsewhere", "no spaCy pipeline '../elsewhere'", "en_core_web_sm"),
        ("broken", "cannot load the pipeline 'broken'", "nlp.to_disk"),
    ],
)
def test_a_pipeline_that_is_not_there_is_an_error_with_a_cure(folder, name, says, cure):
    (folder / "broken").mkdir()
    (folder / "broken" / "config.cfg").write_text("[nlp]\nlang = 'en'\npipeline = ['what']\n")
    with pytest.raises(PackError, match=says) as caught:
        load(folder, "[{LOWER: a}]", pipeline=name)
    assert cure in caught.value.hint
    assert caught.value.location.line == 3


def test_another_pipeline_is_another_fingerprint_and_none_keeps_the_old_one(folder):
    first = load(folder, "[{LOWER: acme}]").rules[0].fingerprint
    assert load(folder, "[{LOWER: acme}]").rules[0].fingerprint == first
    assert load(folder, "[{LOWER: acme}]", pipeline=None).rules[0].fingerprint != first
    pipeline = spacy.load(folder / "own_pipeline")
    pipeline.get_pipe("entity_ruler").add_patterns([{"label": "ORG", "pattern": "Other"}])
    pipeline.to_disk(folder / "own_pipeline")
    assert load(folder, "[{LOWER: acme}]").rules[0].fingerprint != first


def test_phrases_are_words_in_a_row_and_many_are_found_in_one_pass():
    def phrase(*tokens: str) -> TokensCondition:
        return TokensCondition(field="text", pattern_json=f"[{', '.join(tokens)}]")

    conditions = [
        phrase('{"LOWER": "act"}', '{"LOWER": "now"}'),
        phrase('{"TEXT": "Act"}', '{"TEXT": "now"}'),
        phrase('{"LOWER": "now"}'),
        phrase('{"LOWER": "act"}', '{"OP": "?"}', '{"LOWER": "now"}'),
    ]
    assert [c.phrase is not None for c in conditions] == [True, True, True, False]
    texts = ["Act  now!", "act now", "act right now", "actnow", "now-now", None]
    truths = [truth.tolist() for truth in evaluate(conditions, ColumnTable({"text": texts}))]
    assert truths[0] == [0, 1, 0, 0, 0, -1]  # two spaces are a token of their own
    assert truths[1] == [0, 0, 0, 0, 0, -1]
    assert truths[2] == [1, 1, 1, 0, 1, -1]
    assert truths[3] == [1, 1, 1, 0, 0, -1]

"""replay: the loop of a project, recorded, interrupted and taken up again."""

import json
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from wsal.errors import DataError, InputError
from wsal.label_models import LabelModel, MajorityVote
from wsal.labels import HumanLabels
from wsal.selection import select
from wsal.simulation import AnswersAlone, Expert, Learner, ModelThenClassifier, Record, Wsal, replay
from wsal.training import deliver

WSAL = Learner("wsal", Wsal())
LEARNERS = [
    WSAL,
    Learner("no answers in the model", ModelThenClassifier()),
    Learner("no rules", AnswersAlone()),
]


def _timeless(records):
    return [replace(record, seconds=0.0) for record in records]


def _same(one, other):
    return repr(_timeless(one)) == repr(_timeless(other))  # as text, where NaN equals NaN


@pytest.mark.parametrize("learner", LEARNERS, ids=lambda learner: learner.name)
def test_there_is_a_record_at_the_start_and_at_every_budget(data, learner):
    records = list(replay(data, learner, budgets=(10, 15, 40)))
    assert [record.budget for record in records] == [0, 10, 15, 40]
    assert [len(record.asked) for record in records] == [0, 10, 5, 25]
    assert all(sum(record.found) == record.budget for record in records)
    assert all(0 <= getattr(r, name) <= 1 for r in records for name in ("test", "train", "test_ece"))


def test_the_default_does_what_a_project_does_step_by_step(data):
    """The same calls as Project.fit and Project.tasks, written out: what is proven is what users run."""
    votes, features = data.votes, data.features
    given: dict[int, tuple[int, str, float]] = {}
    for _ in range(3):
        human = HumanLabels(
            tuple(given),
            np.array([answer for answer, _, _ in given.values()], dtype=np.int64),
            ("",) * len(given),
            tuple(purpose for _, purpose, _ in given.values()),
            np.array([p for _, _, p in given.values()], dtype=np.float64),
        )
        model = LabelModel().fit(votes, human=human, class_balance="audit")
        delivered = deliver(votes, model, human=human, features=features)
        rng = np.random.default_rng([0, 2, len(given)])
        batch = select(votes, model, n=10, human=human, rng=rng, delivered=delivered)
        for item, purpose, p in zip(batch.item_ids, batch.purposes, batch.propensities, strict=True):
            given[item] = (int(data.gold[votes.row_of(item)]), purpose, p)
    played = list(replay(data, WSAL, budgets=(30,)))[-1].asked
    assert [question.item_id for question in played] == list(given)
    assert [question.answer for question in played] == [answer for answer, _, _ in given.values()]
    assert [q.purpose for q in played].count("audit") == 9


@pytest.mark.parametrize("learner", LEARNERS, ids=lambda learner: learner.name)
@pytest.mark.parametrize("kept", [1, 2, 3])
def test_an_interrupted_replay_goes_on_as_it_would_have(data, learner, kept):
    whole = list(replay(data, learner, seed=4, budgets=(10, 25, 45), expert=Expert(noise=0.1, unsure=0.1)))
    saved = [Record.from_dict(json.loads(json.dumps(record.to_dict()))) for record in whole[:kept]]
    rest = list(
        replay(data, learner, seed=4, budgets=(10, 25, 45), expert=Expert(noise=0.1, unsure=0.1), done=saved)
    )
    assert _same([*saved, *rest], whole)


def test_a_replay_that_is_done_is_not_played_again_and_one_can_go_further(data):
    short = list(replay(data, WSAL, budgets=(10,)))
    assert list(replay(data, WSAL, budgets=(10,), done=short)) == []
    assert [record.budget for record in replay(data, WSAL, budgets=(10, 20), done=short)] == [20]


def test_records_of_other_replays_are_passed_over(data):
    others = [replace(r, seed=1) for r in replay(data, WSAL, budgets=(10,))]
    assert len(list(replay(data, WSAL, budgets=(10,), done=others))) == 2


def test_one_seed_one_replay(data):
    first, again, other = (list(replay(data, WSAL, seed=s, budgets=(20,))) for s in (1, 1, 2))
    assert _same(first, again)
    assert not _same(first, [replace(record, seed=1) for record in other])


def test_an_item_whose_gold_is_unknown_is_never_asked_for(data):
    gold = data.gold.copy()
    gold[::2] = -1
    records = list(replay(replace(data, gold=gold), WSAL, budgets=(40,)))
    rows = [data.votes.row_of(question.item_id) for question in records[-1].asked]
    assert len(rows) == 40
    assert all(row % 2 for row in rows)


def test_where_the_items_run_out_the_last_record_says_how_many_there_were(data):
    records = list(replay(data, WSAL, budgets=(150, 300), batch_size=50))
    assert [record.budget for record in records] == [0, 150, 200]
    assert list(replay(data, WSAL, budgets=(150, 300), batch_size=50, done=records)) == []
    assert records[-1].train == 1
    assert np.isnan(records[-1].train_ece)


def test_what_an_expert_is_unsure_of_costs_a_question_and_is_not_asked_again(data):
    records = list(replay(data, WSAL, budgets=(60,), expert=Expert(unsure=0.5)))
    asked = records[-1].asked
    assert len({question.item_id for question in asked}) == 60
    assert 10 < sum(question.answer == -1 for question in asked) < 50


def test_a_noisy_expert_is_the_same_for_all_learners_and_makes_labels_worse(data):
    noisy = Expert(noise=0.4)
    said = [
        {q.item_id: q.answer for r in replay(data, learner, budgets=(150,), expert=noisy) for q in r.asked}
        for learner in LEARNERS[:2]
    ]
    both = said[0].keys() & said[1].keys()
    assert len(both) > 50
    assert all(said[0][item] == said[1][item] for item in both)
    clean, dirty = (
        list(replay(data, WSAL, budgets=(150,), batch_size=50, expert=expert))[-1].train
        for expert in (Expert(), noisy)
    )
    assert dirty < clean - 0.1


def test_learning_from_answers_alone_does_not_look_at_the_votes(data):
    shuffled = data.votes.values[::-1].copy()
    other = replace(data, votes=type(data.votes).from_array(shuffled, data.votes.labels))
    learner = Learner("no rules", AnswersAlone())
    tests = [[r.test for r in replay(d, learner, budgets=(20,))] for d in (data, other)]
    assert tests[0] == tests[1]


def test_learning_from_answers_alone_needs_features(data):
    bare = replace(data, features=None, test=None)
    with pytest.raises(InputError, match="without features"):
        list(replay(bare, Learner("no rules", AnswersAlone()), budgets=(10,)))


def test_without_features_the_label_model_is_what_meets_the_test_items(data):
    bare = replace(data, features=None, test=replace(data.test, features=None))
    last = next(iter(replay(bare, WSAL, budgets=(10,))))
    soft = LabelModel().fit(data.votes).predict_proba(data.test.votes)
    assert last.test == data.quality(soft, data.test.gold)


def test_answered_items_carry_their_answers_in_the_quality_of_the_label_model_too(data):
    covered = (data.votes.values != -1).any(axis=1)
    everything = replace(
        data, features=None, test=None, votes=data.votes.select_items(covered), gold=data.gold[covered]
    )
    last = list(replay(everything, Learner("vote", ModelThenClassifier()), budgets=(300,), batch_size=50))[-1]
    assert last.budget == covered.sum()
    assert last.rules_covered == 1


def test_where_nothing_was_learned_the_shares_of_the_answers_are_the_prediction(data):
    one_class = replace(data, gold=np.where(data.gold == 1, 1, -1))
    first, last = replay(one_class, Learner("no rules", AnswersAlone()), budgets=(5,), batch_size=5)
    assert first.test_log_loss == pytest.approx(np.log(2))
    assert last.test == np.mean(data.test.gold == 1)


def test_a_classifier_on_a_label_model_learns_from_covered_and_answered_items_alone(data):
    covered = (data.votes.values != -1).any(axis=1)
    item = data.votes.item_ids[~covered].tolist()[0]
    for human, n in ((HumanLabels.from_pairs({}), 0), (HumanLabels.from_pairs({item: 1}), 1)):
        made = ModelThenClassifier()(
            data.votes, features=data.features, human=human, duplicates=None, previous=None
        )
        assert made.end_model.n_items == covered.sum() + n


def test_the_end_model_of_rivals_weighs_no_class_whatever_wsals_does(data):
    human = HumanLabels.from_pairs(dict.fromkeys(data.votes.item_ids[:20].tolist(), 1) | {150: 0})
    for rival in (ModelThenClassifier(), AnswersAlone()):
        made = rival(data.votes, features=data.features, human=human, duplicates=None, previous=None)
        assert made.end_model.class_weights.tolist() == [1, 1]


def test_without_a_test_split_the_training_labels_are_measured_alone(data):
    record = next(iter(replay(replace(data, test=None), WSAL, budgets=(10,))))
    assert np.isnan(record.test)
    assert record.train > 0.5
    assert record.to_dict()["test"] is None
    assert np.isnan(Record.from_dict(record.to_dict()).test)


def test_a_label_model_without_answers_is_fitted_once(data):
    class Counting(MajorityVote):
        fits = 0

        def fit(self, *args, **kwargs):
            type(self).fits += 1
            return super().fit(*args, **kwargs)

    list(replay(data, Learner("once", ModelThenClassifier(Counting())), budgets=(40,)))
    assert Counting.fits == 1


def test_a_hunt_finds_more_of_a_rare_class_than_the_default(data):
    rare = data.with_rare(data.votes.labels.names[1], one_in=10, rng=0)
    hunting = Learner("hunt", Wsal(), partial(select, hunt=data.votes.labels.names[1]))
    found = [
        sum(list(replay(rare, x, seed=s, budgets=(30,)))[-1].found[1] for s in range(4))
        for x in (hunting, WSAL)
    ]
    assert found[0] > found[1]


@pytest.mark.parametrize("budgets", [(), (0, 10), (10, 10), (20, 10)])
def test_budgets_that_do_not_ascend_are_refused(data, budgets):
    with pytest.raises(InputError, match="do not ascend"):
        next(replay(data, WSAL, budgets=budgets))


def test_a_batch_of_no_items_is_refused(data):
    with pytest.raises(InputError, match="at least one item"):
        next(replay(data, WSAL, batch_size=0))


def test_a_record_of_another_kind_is_refused():
    with pytest.raises(DataError, match="not a record of a simulation"):
        Record.from_dict({"dataset": "x", "found": [], "asked": []})

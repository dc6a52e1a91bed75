import pytest

from wsal.errors import DataError
from wsal.label_models import FittedLabelModel, LabelModel
from wsal.selection import select
from wsal.testing import make_votes
from wsal.training import deliver
from wsal.votes import VoteMatrix

VOTES = make_votes(100, coverage=0.4, rng=1).votes
RUN = deliver(VOTES, LabelModel().fit(VOTES))


def test_two_models_are_not_mixed():
    for other in (LabelModel().fit(VOTES), FittedLabelModel.from_json(RUN.model.to_json())):
        with pytest.raises(
            DataError, match=r"another model than the one given\n  hint: give delivered\.model"
        ):
            select(VOTES, other, delivered=RUN)


def test_two_sets_of_votes_are_not_mixed():
    others = VOTES.select_items(range(50))
    with pytest.raises(DataError, match=r"other votes than those given\n  hint: give delivered\.votes"):
        select(others, RUN.model, delivered=RUN)


def test_equal_votes_are_the_same_votes():
    copy = VoteMatrix.from_array(
        VOTES.values, VOTES.labels, lf_names=VOTES.lf_names, item_ids=VOTES.item_ids.tolist()
    )
    assert repr(select(copy, RUN.model, delivered=RUN)) == repr(select(VOTES, RUN.model, delivered=RUN))

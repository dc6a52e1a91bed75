"""Agreement between people: published examples, intervals by simulation, and what is refused."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t as student

from wsal.analysis import gwet_ac2, krippendorff_alpha
from wsal.errors import DataError
from wsal.labels import HumanLabels
from wsal.testing import make_votes
from wsal.votes import VoteMatrix

# Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), example C: four observers, twelve units,
# five nominal categories, missing values; alpha = 0.743. Gwet works the same table (Handbook of Inter-Rater
# Reliability, 4th ed. 2014; cac.raw4raters in his R package irrCAC): AC1 = 0.77544.
FOUR_OBSERVERS = [
    [1, 1, 0, 1],
    [2, 2, 3, 2],
    [3, 3, 3, 3],
    [3, 3, 3, 3],
    [2, 2, 2, 2],
    [1, 2, 3, 4],
    [4, 4, 4, 4],
    [1, 1, 2, 1],
    [2, 2, 2, 2],
    [0, 5, 5, 5],
    [0, 0, 1, 1],
    [0, 0, 3, 0],
]
# The same paper, example A (Meg and Owen, 0 and 1; alpha = 0.095) and B (Ben and Gerry, a to e; 0.692).
MEG, OWEN = "0100000010", "1110010000"
BEN, GERRY = "aabbdcccedda", "babbbcccedd" + "d"
# Fleiss (1971), six psychiatrists and 15 patients, as distrib.6raters in irrCAC, whose vignette "overview"
# prints AC1 = 0.4448007 (standard error 0.08418757), and "weighting" AC2 with quadratic weights = 0.4837438
# (0.1058227).
PSYCHIATRISTS = """
0 0 0 6 0
0 3 0 0 3
0 1 4 0 1
0 0 0 0 6
0 3 0 3 0
2 0 4 0 0
0 0 4 0 2
2 0 3 1 0
2 0 0 4 0
0 0 0 0 6
1 0 0 5 0
1 1 0 4 0
0 3 3 0 0
1 0 0 5 0
0 2 0 3 1
"""


def four_observers():
    return VoteMatrix.from_array(np.array(FOUR_OBSERVERS) - 1, list("12345"), lf_names=list("ABCD"))


def two_observers(first, second, labels):
    codes = [[labels.index(a), labels.index(b)] for a, b in zip(first, second, strict=True)]
    return VoteMatrix.from_array(codes, list(labels))


def psychiatrists():
    rows = [[int(cell) for cell in line.split()] for line in PSYCHIATRISTS.split("\n") if line]
    return VoteMatrix.from_array([np.repeat(np.arange(5), row) for row in rows], list("dpsno"))


def as_human(votes):
    rows, people = np.nonzero(votes.values >= 0)
    frame = pd.DataFrame(
        {"item": rows, "label": votes.values[rows, people].astype(int), "annotator": people.astype(str)}
    )
    return HumanLabels.from_frame(frame.sample(frac=1, random_state=1))


def standard_error(found, *, n):
    """Undo the interval: t standard errors on the scale of log(1 − coefficient)."""
    ratio = 1 - found.estimate
    return ratio * math.log((1 - found.low) / ratio) / student.ppf(0.975, n - 1)


def test_alpha_of_four_observers_with_missing_values_is_krippendorffs():
    alpha = krippendorff_alpha(four_observers())
    assert round(alpha.estimate, 3) == 0.743
    assert (alpha.coefficient, alpha.n_items, alpha.n_people, alpha.n_answers) == ("alpha", 11, 4, 40)


def test_alpha_of_two_observers_is_krippendorffs():
    assert round(krippendorff_alpha(two_observers(MEG, OWEN, "01")).estimate, 3) == 0.095
    assert round(krippendorff_alpha(two_observers(BEN, GERRY, "abcde")).estimate, 3) == 0.692


def test_ac1_of_four_observers_with_missing_values_is_gwets():
    ac1 = gwet_ac2(four_observers())
    assert ac1.estimate == pytest.approx(0.77544, abs=5e-6)
    assert (ac1.coefficient, ac1.n_items, ac1.n_people, ac1.n_answers) == ("AC1", 11, 4, 41)


@pytest.mark.parametrize(
    ("weights", "published"),
    # Quadratic: irrCAC's vignette "weighting"; linear and ordinal: tests of the Python port afergadis/irrCAC.
    [("quadratic", 0.914), ("linear", 0.859), ("ordinal", 0.899)],
)
def test_ac2_of_four_observers_is_gwets(weights, published):
    ac2 = gwet_ac2(four_observers(), weights=weights)
    assert ac2.coefficient == "AC2"
    assert round(ac2.estimate, 3) == published


def test_ac1_and_ac2_of_six_psychiatrists_have_gwets_value_and_standard_error():
    ac1, ac2 = gwet_ac2(psychiatrists()), gwet_ac2(psychiatrists(), weights="quadratic")
    assert ac1.estimate == pytest.approx(0.4448007, abs=5e-8)
    assert standard_error(ac1, n=15) == pytest.approx(0.08418757, abs=5e-7)
    assert ac2.estimate == pytest.approx(0.4837438, abs=5e-8)
    assert standard_error(ac2, n=15) == pytest.approx(0.1058227, abs=5e-7)


def test_answers_by_item_and_annotator_give_what_votes_give():
    votes = four_observers()
    human = as_human(votes)
    for ours, theirs in (
        (krippendorff_alpha(votes), krippendorff_alpha(human)),
        (gwet_ac2(votes), gwet_ac2(human, labels=list("12345"))),
        (gwet_ac2(votes, weights="linear"), gwet_ac2(human, list("12345"), weights="linear")),
    ):
        assert ours.coefficient == theirs.coefficient
        assert (ours.estimate, ours.low, ours.high) == pytest.approx(
            (theirs.estimate, theirs.low, theirs.high)
        )
        assert (ours.n_items, ours.n_people, ours.n_answers) == (
            theirs.n_items,
            theirs.n_people,
            theirs.n_answers,
        )


def test_identity_weights_as_an_array_are_ac1():
    assert gwet_ac2(four_observers(), weights=np.eye(5)) == gwet_ac2(four_observers())


def test_the_standard_error_is_close_to_that_of_the_jackknife():
    # The jackknife leaves out each item in turn; to first order its error is the linearised one.
    votes = make_votes(
        40, accuracies=(0.8, 0.7, 0.6), coverage=0.8, class_balance=(0.5, 0.3, 0.2), rng=3
    ).votes
    votes = votes.select_items((votes.values >= 0).any(axis=1))
    for measure in (krippendorff_alpha, gwet_ac2, lambda v: gwet_ac2(v, weights="quadratic")):
        left_out = np.array(
            [
                measure(votes.select_items(np.arange(votes.n_items) != i)).estimate
                for i in range(votes.n_items)
            ]
        )
        n = votes.n_items
        jackknife = math.sqrt((n - 1) / n * ((left_out - left_out.mean()) ** 2).sum())
        found = measure(votes)
        items = found.n_items if found.coefficient == "alpha" else n
        assert standard_error(found, n=items) == pytest.approx(jackknife, rel=0.1)


def test_a_rare_class_makes_alpha_low_where_ac1_stays_high():
    votes = VoteMatrix.from_array([[0, 0]] * 96 + [[0, 1]] * 2 + [[1, 0]] * 2, ["no", "yes"])
    assert krippendorff_alpha(votes).estimate < 0.05
    assert gwet_ac2(votes).estimate > 0.95


def test_answers_by_chance_have_no_agreement():
    votes = make_votes(20_000, accuracies=(0.5, 0.5, 0.5), coverage=0.9, rng=4).votes
    for found in (krippendorff_alpha(votes), gwet_ac2(votes)):
        assert abs(found.estimate) < 0.02
        assert found.low < 0 < found.high


def test_people_who_always_agree_still_leave_room_for_doubt():
    votes = VoteMatrix.from_array([[0, 0], [1, 1]] * 10, ["no", "yes"])
    for found in (krippendorff_alpha(votes), gwet_ac2(votes)):
        assert (found.estimate, found.high) == (1.0, 1.0)
        assert found.low == pytest.approx(1 - (1 - 0.025 ** (1 / 20)) / 0.5, abs=0.02)
    more = VoteMatrix.from_array([[0, 0], [1, 1]] * 100, ["no", "yes"])
    assert krippendorff_alpha(more).low > krippendorff_alpha(votes).low + 0.2


def test_a_higher_confidence_makes_a_wider_interval():
    wide, narrow = krippendorff_alpha(four_observers(), confidence=0.99), krippendorff_alpha(four_observers())
    assert wide.low < narrow.low < narrow.estimate < narrow.high < wide.high < 1


CROWDS = {
    "careful": ((0.95, 0.95, 0.95), (0.5, 0.5)),
    "careless": ((0.8, 0.75, 0.7), (0.5, 0.5)),
    "three classes": ((0.8, 0.7, 0.9, 0.6), (0.4, 0.3, 0.3)),
    "a rare class": ((0.95, 0.95, 0.9), (0.93, 0.07)),
    "nearly perfect": ((0.99, 0.99, 0.98), (0.5, 0.5)),
}


def test_an_interval_never_goes_below_the_lowest_value_that_there_is():
    votes = VoteMatrix.from_array([[0, 0], [1, 1], [0, 1]], ["no", "yes"])
    assert krippendorff_alpha(votes).low == pytest.approx(1 - 1 / 0.6)  # 18 of 30 pairs of answers differ
    assert gwet_ac2(votes).low == pytest.approx(-1)


@pytest.mark.parametrize("crowd", CROWDS)
def test_the_intervals_cover_the_truth(crowd):
    accuracies, balance = CROWDS[crowd]

    def drawn(n, rng):
        return make_votes(n, accuracies=accuracies, coverage=0.8, class_balance=balance, rng=rng).votes

    large = drawn(300_000, 1)
    rng = np.random.default_rng(2)
    samples = [drawn(100, rng) for _ in range(300)]
    for measure in (krippendorff_alpha, gwet_ac2):
        truth = measure(large).estimate
        covered = np.mean([found.low <= truth <= found.high for found in map(measure, samples)])
        # 300 samples at .95 have a standard error of .0126; measured: .940 to .977.
        assert 0.91 <= covered <= 0.995


def test_what_cannot_be_measured_is_refused():
    with pytest.raises(DataError, match="two items with two answers; there are 0"):
        krippendorff_alpha(VoteMatrix.from_array([[0, -1], [-1, 1]], ["no", "yes"]))
    with pytest.raises(DataError, match="there are 0"):
        krippendorff_alpha(HumanLabels.from_pairs({}))
    one_class = VoteMatrix.from_array([[0, 0], [0, 0]], ["no", "yes"])
    with pytest.raises(DataError, match=r"4 answers .* one class"):
        krippendorff_alpha(one_class)
    assert gwet_ac2(one_class).estimate == 1.0
    with pytest.raises(DataError, match="out of range"):
        gwet_ac2(one_class, confidence=1.0)


def test_labels_are_needed_with_answers_and_must_be_those_of_the_votes():
    human = as_human(four_observers())
    with pytest.raises(DataError, match="which classes there are"):
        gwet_ac2(human)
    with pytest.raises(DataError, match="no class index below 2"):
        gwet_ac2(human, ["a", "b"])
    with pytest.raises(DataError, match="have the labels"):
        gwet_ac2(four_observers(), ["a", "b"])


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ("quadratc", "did you mean 'quadratic'"),
        (np.eye(3), r"5 classes need \(5, 5\)"),
        (np.eye(5) - 0.1, "between 0 and 1"),
        (np.triu(np.ones((5, 5))), "symmetric"),
        (np.eye(5) / 2, "diagonal"),
        (np.ones((5, 5)), "every answer agrees"),
    ],
)
def test_weights_that_are_none_are_refused(weights, message):
    with pytest.raises(DataError, match=message):
        gwet_ac2(four_observers(), weights=weights)

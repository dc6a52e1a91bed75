"""Tests on tables of counts, and their adjustment."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from wsal.analysis.contingency import exact_p_value, homogeneity
from wsal.analysis.multiplicity import holm
from wsal.errors import DataError


@pytest.mark.parametrize(
    "counts", [(3, 4, 1, 4), (0, 10, 7, 12), (50, 900, 3, 100), (5, 5, 0, 5), (120, 1000, 180, 1100)]
)
def test_the_exact_p_value_is_fishers(counts):
    a, n, b, m = counts
    expected = stats.fisher_exact([[a, n - a], [b, m - b]]).pvalue
    assert exact_p_value(*counts) == pytest.approx(expected, rel=1e-6)


def test_large_tables_are_looked_up_and_agree_with_pearson():
    counts = (60_000, 500_000, 60_900, 500_000)
    expected = stats.chi2_contingency([[60_000, 440_000], [60_900, 439_100]], correction=False).pvalue
    assert exact_p_value(*counts) == pytest.approx(expected, rel=1e-6)


def test_an_empty_group_or_no_hits_tell_nothing():
    assert exact_p_value(0, 0, 3, 10) == 1.0
    assert exact_p_value(0, 5, 0, 10) == 1.0
    with pytest.raises(DataError, match="no hits among items"):
        exact_p_value(6, 5, 0, 10)


def test_homogeneity_merges_until_counts_are_enough():
    table = np.array([[2, 98], [4, 96], [3, 97], [9, 91]])
    found = homogeneity(table)
    assert found is not None
    assert (found.n_bins, found.dof) == (2, 1)
    merged = stats.chi2_contingency([[6, 194], [12, 188]], correction=False)
    assert found.p_value == pytest.approx(merged.pvalue)
    assert homogeneity(np.array([[1, 99], [0, 100]])) is None
    assert homogeneity(np.array([[10, 0], [20, 0]])) is None


def test_rare_outcomes_are_merged_before_bins():
    table = np.array([[80, 15, 1], [85, 20, 0], [60, 30, 1], [50, 41, 0]])
    found = homogeneity(table)
    assert found is not None
    assert (found.n_bins, found.dof) == (4, 3)


def test_holm_keeps_the_order_and_the_bound():
    p = np.array([0.001, 0.01, 0.02, 0.9, 1.0])
    adjusted = holm(p)
    assert adjusted.tolist() == pytest.approx([0.005, 0.04, 0.06, 1.0, 1.0])
    assert (np.diff(adjusted[np.argsort(p)]) >= 0).all()
    assert holm([]).tolist() == []
    with pytest.raises(DataError, match="between 0 and 1"):
        holm([1.2])

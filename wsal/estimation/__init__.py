"""estimation: how good labels, rules and pre-filters are, from audit draws of known propensity, with intervals.

`AuditSample` takes the draws, `Labelling` what is graded; `precision`, `recall`, `f1`, `accuracy`, `class_share`
and `missed_positives` answer with an `Estimate`. `sample_size_for_share` and its kin say beforehand what sample
would be enough. Derivations and sources: docs/explanation/estimates.md. Reads only; nothing is written back.
"""

from wsal.estimation.by_group import ErrorCase, ErrorGap, GroupErrors, error_gap, error_gaps
from wsal.estimation.ceiling import PatternCeiling, pattern_ceiling
from wsal.estimation.estimate import Estimate
from wsal.estimation.estimators import (
    MissedPositives,
    accuracy,
    class_share,
    f1,
    missed_positives,
    precision,
    recall,
)
from wsal.estimation.folds import assign_folds
from wsal.estimation.intervals import (
    Interval,
    clopper_pearson,
    fay_feuer,
    finite_clopper_pearson,
    mover_ratio,
    mover_sum,
)
from wsal.estimation.labelling import Labelling
from wsal.estimation.naive import NaiveRate, naive_rate
from wsal.estimation.planning import (
    sample_size_for_bound,
    sample_size_for_recall,
    sample_size_for_share,
    sample_size_to_show,
)
from wsal.estimation.sample import AuditDraw, AuditSample
from wsal.estimation.stopping import StopRules, Verdict, judge
from wsal.estimation.ways import Ways

__all__ = [
    "AuditDraw",
    "AuditSample",
    "ErrorCase",
    "ErrorGap",
    "Estimate",
    "GroupErrors",
    "Interval",
    "Labelling",
    "MissedPositives",
    "NaiveRate",
    "PatternCeiling",
    "StopRules",
    "Verdict",
    "Ways",
    "accuracy",
    "assign_folds",
    "class_share",
    "clopper_pearson",
    "error_gap",
    "error_gaps",
    "f1",
    "fay_feuer",
    "finite_clopper_pearson",
    "judge",
    "missed_positives",
    "mover_ratio",
    "mover_sum",
    "naive_rate",
    "pattern_ceiling",
    "precision",
    "recall",
    "sample_size_for_bound",
    "sample_size_for_recall",
    "sample_size_for_share",
    "sample_size_to_show",
]

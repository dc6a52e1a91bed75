"""analysis: what the labelling functions do, and how far people agree.

`LFAnalysis` gives coverage, overlaps, conflicts, and what people said; `krippendorff_alpha` and `gwet_ac2`
measure agreement between people beyond chance, `annotator_reliability` how often each is right;
`find_contradictions` ranks answers that evidence speaks against, `find_label_issues` those that cleanlab doubts;
`share_accuracy`, `share_f1`, `log_loss` and
`calibration_error` measure soft labels against a known truth,
`score_probabilities` with intervals.
`rate_gaps` compares rules and labels between groups of items, `carried_gaps` names the rules behind a gap.
`rule_profiles` says what each function votes beside each other one, `rule_drift`
whether it does so over time, `group_by` and `time_bins` group items by a column.
`trust_report` says whether a label model is to be trusted over majority vote.
"""

from wsal.analysis.agreement import Agreement, AgreementWeights, gwet_ac2, krippendorff_alpha
from wsal.analysis.annotators import AnnotatorReliability, annotator_reliability, annotator_weights
from wsal.analysis.bias_carriers import CarriedGap, Carrier, carried_gaps
from wsal.analysis.bias_rates import RateGap, Subject, rate_gaps
from wsal.analysis.confident_learning import find_label_issues
from wsal.analysis.contradictions import Contradiction, find_contradictions
from wsal.analysis.drift import Drift, DriftBin, DriftTest, rule_drift
from wsal.analysis.groups import Groups, group_by, time_bins
from wsal.analysis.lf_analysis import LFAnalysis, LFSummary
from wsal.analysis.measures import calibration_error, log_loss, share_accuracy, share_f1
from wsal.analysis.multiplicity import holm
from wsal.analysis.probability_scores import ProbabilityScore, score_probabilities
from wsal.analysis.rule_profiles import Peer, RuleProfile, rule_profiles
from wsal.analysis.trust import TrustReport, Verdict, trust_report
from wsal.analysis.trust_findings import Finding

__all__ = [
    "Agreement",
    "AgreementWeights",
    "AnnotatorReliability",
    "CarriedGap",
    "Carrier",
    "Contradiction",
    "Drift",
    "DriftBin",
    "DriftTest",
    "Finding",
    "Groups",
    "LFAnalysis",
    "LFSummary",
    "Peer",
    "ProbabilityScore",
    "RateGap",
    "RuleProfile",
    "Subject",
    "TrustReport",
    "Verdict",
    "annotator_reliability",
    "annotator_weights",
    "calibration_error",
    "carried_gaps",
    "find_contradictions",
    "find_label_issues",
    "group_by",
    "gwet_ac2",
    "holm",
    "krippendorff_alpha",
    "log_loss",
    "rate_gaps",
    "rule_drift",
    "rule_profiles",
    "score_probabilities",
    "share_accuracy",
    "share_f1",
    "time_bins",
    "trust_report",
]

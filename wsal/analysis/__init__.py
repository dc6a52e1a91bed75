"""analysis: what the labelling functions do, and how far people agree.

`LFAnalysis` gives coverage, overlaps, conflicts, and what people said; `krippendorff_alpha` and `gwet_ac2`
measure agreement between people beyond chance, `annotator_reliability` how often each is right;
`find_contradictions` ranks answers that evidence speaks against; `share_accuracy`, `share_f1`, `log_loss` and
`calibration_error` measure soft labels against a known truth,
`score_probabilities` with intervals. `trust_report` says whether a label model is to be trusted over majority vote.
"""

from wsal.analysis.agreement import Agreement, AgreementWeights, gwet_ac2, krippendorff_alpha
from wsal.analysis.annotators import AnnotatorReliability, annotator_reliability, annotator_weights
from wsal.analysis.contradictions import Contradiction, find_contradictions
from wsal.analysis.lf_analysis import LFAnalysis, LFSummary
from wsal.analysis.measures import calibration_error, log_loss, share_accuracy, share_f1
from wsal.analysis.probability_scores import ProbabilityScore, score_probabilities
from wsal.analysis.trust import TrustReport, Verdict, trust_report
from wsal.analysis.trust_findings import Finding

__all__ = [
    "Agreement",
    "AgreementWeights",
    "AnnotatorReliability",
    "Contradiction",
    "Finding",
    "LFAnalysis",
    "LFSummary",
    "ProbabilityScore",
    "TrustReport",
    "Verdict",
    "annotator_reliability",
    "annotator_weights",
    "calibration_error",
    "find_contradictions",
    "gwet_ac2",
    "krippendorff_alpha",
    "log_loss",
    "score_probabilities",
    "share_accuracy",
    "share_f1",
    "trust_report",
]

"""analysis: what the labelling functions do, and how far people agree.

`LFAnalysis` gives coverage, overlaps, conflicts, and what people said; `krippendorff_alpha` and `gwet_ac2`
measure agreement between people beyond chance; `share_accuracy`, `share_f1`, `log_loss` and
`calibration_error` measure soft labels against a known truth,
`score_probabilities` with intervals. `trust_report` says whether a label model is to be trusted over majority vote.
"""

from wsal.analysis.agreement import Agreement, AgreementWeights, gwet_ac2, krippendorff_alpha
from wsal.analysis.lf_analysis import LFAnalysis, LFSummary
from wsal.analysis.measures import calibration_error, log_loss, share_accuracy, share_f1
from wsal.analysis.probability_scores import ProbabilityScore, score_probabilities
from wsal.analysis.trust import TrustReport, Verdict, trust_report
from wsal.analysis.trust_findings import Finding

__all__ = [
    "Agreement",
    "AgreementWeights",
    "Finding",
    "LFAnalysis",
    "LFSummary",
    "ProbabilityScore",
    "TrustReport",
    "Verdict",
    "calibration_error",
    "gwet_ac2",
    "krippendorff_alpha",
    "log_loss",
    "score_probabilities",
    "share_accuracy",
    "share_f1",
    "trust_report",
]

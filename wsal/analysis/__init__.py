"""analysis: what the labelling functions do, and how far people agree.

`LFAnalysis` gives coverage, overlaps, conflicts, and what people said; `krippendorff_alpha` and `gwet_ac2`
measure agreement between people beyond chance.
"""

from wsal.analysis.agreement import Agreement, AgreementWeights, gwet_ac2, krippendorff_alpha
from wsal.analysis.lf_analysis import LFAnalysis, LFSummary

__all__ = ["Agreement", "AgreementWeights", "LFAnalysis", "LFSummary", "gwet_ac2", "krippendorff_alpha"]

"""analysis: what the labelling functions do: coverage, overlaps, conflicts, and what people said."""

from wsal.analysis.lf_analysis import LFAnalysis, LFSummary

__all__ = ["LFAnalysis", "LFSummary"]

"""Snorkel's interface on wsal's engines and models, without torch: change the import line and go on.

>>> from wsal.interop.snorkel import LFAnalysis, PandasLFApplier, labeling_function

Signatures, columns, tie-break policies and the shapes of results are those of Snorkel 0.10. What differs on purpose,
and why, is listed in docs/how-to/come-from-snorkel.md.
"""

from wsal.interop.snorkel.analysis import LFAnalysis
from wsal.interop.snorkel.appliers import (
    ApplierMetadata,
    DaskLFApplier,
    LFApplier,
    PandasLFApplier,
    PandasParallelLFApplier,
    PandasSFApplier,
    SFApplier,
    slice_dataframe,
)
from wsal.interop.snorkel.functions import (
    LabelingFunction,
    NLPLabelingFunction,
    SlicingFunction,
    SpacyPreprocessor,
    labeling_function,
    nlp_labeling_function,
    preprocessor,
    slicing_function,
)
from wsal.interop.snorkel.label_arrays import (
    filter_unlabeled_dataframe,
    get_label_buckets,
    get_label_instances,
    preds_to_probs,
    probs_to_preds,
)
from wsal.interop.snorkel.models import LabelModel, MajorityClassVoter, MajorityLabelVoter, RandomVoter

__all__ = [
    "ApplierMetadata",
    "DaskLFApplier",
    "LFAnalysis",
    "LFApplier",
    "LabelModel",
    "LabelingFunction",
    "MajorityClassVoter",
    "MajorityLabelVoter",
    "NLPLabelingFunction",
    "PandasLFApplier",
    "PandasParallelLFApplier",
    "PandasSFApplier",
    "RandomVoter",
    "SFApplier",
    "SlicingFunction",
    "SpacyPreprocessor",
    "filter_unlabeled_dataframe",
    "get_label_buckets",
    "get_label_instances",
    "labeling_function",
    "nlp_labeling_function",
    "preds_to_probs",
    "preprocessor",
    "probs_to_preds",
    "slice_dataframe",
    "slicing_function",
]

"""Label models: from votes, and what people answered, to the probability of each class.

They work on patterns of votes with counts, and know nothing of files, frames or features. `LabelModel` is
the default (DESIGN §5), `MajorityVote` the baseline to beat, `DawidSkene` the model for crowds, where people vote,
and `SnorkelModel` Snorkel's own, for comparison. The `pooling` functions join a label model with classifiers.
"""

from wsal.label_models.balance import ClassBalance
from wsal.label_models.base import FittedModel, Model
from wsal.label_models.dawid_skene import DawidSkene, FittedDawidSkene
from wsal.label_models.evidence_terms import BALANCE, PEOPLE, VOTE_SHARE, Term
from wsal.label_models.human_counts import AnsweredRows, Answers, HumanCounts, PlacedAnswers
from wsal.label_models.label_model import FittedLabelModel, LabelModel
from wsal.label_models.majority_vote import FittedMajorityVote, MajorityVote
from wsal.label_models.pooling import geometric_pool, with_human_classifier
from wsal.label_models.snorkel import FittedSnorkelModel, SnorkelModel

__all__ = [
    "BALANCE",
    "PEOPLE",
    "VOTE_SHARE",
    "AnsweredRows",
    "Answers",
    "ClassBalance",
    "DawidSkene",
    "FittedDawidSkene",
    "FittedLabelModel",
    "FittedMajorityVote",
    "FittedModel",
    "FittedSnorkelModel",
    "HumanCounts",
    "LabelModel",
    "MajorityVote",
    "Model",
    "PlacedAnswers",
    "SnorkelModel",
    "Term",
    "geometric_pool",
    "with_human_classifier",
]

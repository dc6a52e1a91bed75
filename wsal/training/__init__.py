"""Training: classifiers that learn from answers and from soft labels, and the labels that are delivered.

`deliver` joins the label model, the human classifier and the end model as DESIGN §5 lays down: it is `train`
and then `assemble`. `save_classifiers` and `restore_classifiers` stand between the two where a run is kept.
"""

from wsal.training.delivered import Classifiers, Delivered
from wsal.training.delivery import assemble, deliver, train
from wsal.training.end_model import EndModel, FittedEndModel, class_weights
from wsal.training.expansion import Expansion, expand_soft_labels
from wsal.training.human_classifier import FittedHumanClassifier, HumanClassifier
from wsal.training.linear import INTERCEPT, LinearClassifier
from wsal.training.saving import SavedClassifiers, restore_classifiers, save_classifiers

__all__ = [
    "INTERCEPT",
    "Classifiers",
    "Delivered",
    "EndModel",
    "Expansion",
    "FittedEndModel",
    "FittedHumanClassifier",
    "HumanClassifier",
    "LinearClassifier",
    "SavedClassifiers",
    "assemble",
    "class_weights",
    "deliver",
    "expand_soft_labels",
    "restore_classifiers",
    "save_classifiers",
    "train",
]

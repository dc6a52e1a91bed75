"""Training: classifiers that learn from answers and from soft labels, and the labels that are delivered.

`deliver` joins the label model, the human classifier and the end model as DESIGN §5 lays down.
"""

from wsal.training.delivery import Delivered, deliver
from wsal.training.end_model import EndModel, FittedEndModel, class_weights
from wsal.training.expansion import Expansion, expand_soft_labels
from wsal.training.human_classifier import FittedHumanClassifier, HumanClassifier
from wsal.training.linear import INTERCEPT, LinearClassifier

__all__ = [
    "INTERCEPT",
    "Delivered",
    "EndModel",
    "Expansion",
    "FittedEndModel",
    "FittedHumanClassifier",
    "HumanClassifier",
    "LinearClassifier",
    "class_weights",
    "deliver",
    "expand_soft_labels",
]

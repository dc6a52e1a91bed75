"""Training: classifiers that learn from answers and from soft labels, and the labels that are delivered.

`deliver` joins the label model, the human classifier and the end model as DESIGN §5 lays down: it is `train`
and then `assemble`. `save_classifiers` and `restore_classifiers` stand between the two where a run is kept.

`NoiseAware` trains any other end model on soft labels: a scikit-learn classifier or a whole pipeline.
`cross_fit` scores items by models that have not seen them, `calibrate` and `score_probabilities` make and judge
probabilities.
"""

from wsal.training.calibration import Calibration, Isotonic, Temperature, calibrate
from wsal.training.cross_fit import CrossFitted, cross_fit
from wsal.training.delivered import Classifiers, Delivered
from wsal.training.delivery import assemble, deliver, train
from wsal.training.end_model import EndModel, FittedEndModel, class_weights
from wsal.training.expansion import Expansion, expand_soft_labels
from wsal.training.folds import grouped_folds, grouped_holdout
from wsal.training.human_classifier import FittedHumanClassifier, HumanClassifier
from wsal.training.inputs import Inputs
from wsal.training.learners import FittedLearner, Learner, ScikitLearn, SoftLogistic
from wsal.training.linear import INTERCEPT, LinearClassifier
from wsal.training.noise_aware import FittedNoiseAware, NoiseAware
from wsal.training.saving import SavedClassifiers, restore_classifiers, save_classifiers
from wsal.training.scores import Score, brier_score, calibration_error, log_loss, score_probabilities
from wsal.training.training_set import TrainingSet

__all__ = [
    "INTERCEPT",
    "Calibration",
    "Classifiers",
    "CrossFitted",
    "Delivered",
    "EndModel",
    "Expansion",
    "FittedEndModel",
    "FittedHumanClassifier",
    "FittedLearner",
    "FittedNoiseAware",
    "HumanClassifier",
    "Inputs",
    "Isotonic",
    "Learner",
    "LinearClassifier",
    "NoiseAware",
    "SavedClassifiers",
    "ScikitLearn",
    "Score",
    "SoftLogistic",
    "Temperature",
    "TrainingSet",
    "assemble",
    "brier_score",
    "calibrate",
    "calibration_error",
    "class_weights",
    "cross_fit",
    "deliver",
    "expand_soft_labels",
    "grouped_folds",
    "grouped_holdout",
    "log_loss",
    "restore_classifiers",
    "save_classifiers",
    "score_probabilities",
    "train",
]

"""Training: classifiers that learn from answers and from soft labels, and the labels that are delivered.

`deliver` joins the label model, the human classifier and the end model as DESIGN §5 lays down: it is `train`
and then `assemble`. `save_classifiers` and `restore_classifiers` stand between the two where a run is kept.

`NoiseAware` trains any other end model on soft labels: a scikit-learn classifier or a whole pipeline.
`cross_fit` scores items by models that have not seen them, and `calibrate` corrects probabilities by answers.
"""

from wsal.training.calibration import Calibration, Isotonic, Temperature, calibrate
from wsal.training.cross_fit import CrossFitted, cross_fit
from wsal.training.delivered import Classifiers, Delivered
from wsal.training.delivery import assemble, deliver, train
from wsal.training.end_model import ANSWER_WEIGHT, EndModel, FittedEndModel, class_weights, held_back
from wsal.training.expansion import Expansion, expand_soft_labels
from wsal.training.folds import grouped_folds, grouped_holdout
from wsal.training.human_classifier import FittedHumanClassifier, HumanClassifier
from wsal.training.inputs import Inputs
from wsal.training.linear import INTERCEPT, LinearClassifier
from wsal.training.noise_aware import FittedNoiseAware, NoiseAware
from wsal.training.on_features import OnFeatures, PortableEndModel
from wsal.training.saving import SavedClassifiers, restore_classifiers, save_classifiers
from wsal.training.soft_classifiers import FittedSoftClassifier, ScikitLearn, SoftClassifier, SoftLogistic
from wsal.training.training_set import TrainingSet

__all__ = [
    "ANSWER_WEIGHT",
    "INTERCEPT",
    "Calibration",
    "Classifiers",
    "CrossFitted",
    "Delivered",
    "EndModel",
    "Expansion",
    "FittedEndModel",
    "FittedHumanClassifier",
    "FittedNoiseAware",
    "FittedSoftClassifier",
    "HumanClassifier",
    "Inputs",
    "Isotonic",
    "LinearClassifier",
    "NoiseAware",
    "OnFeatures",
    "PortableEndModel",
    "SavedClassifiers",
    "ScikitLearn",
    "SoftClassifier",
    "SoftLogistic",
    "Temperature",
    "TrainingSet",
    "assemble",
    "calibrate",
    "class_weights",
    "cross_fit",
    "deliver",
    "expand_soft_labels",
    "grouped_folds",
    "grouped_holdout",
    "held_back",
    "restore_classifiers",
    "save_classifiers",
    "train",
]

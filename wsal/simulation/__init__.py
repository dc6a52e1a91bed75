"""simulation: a labelled dataset replayed through the loop, so that users can choose and claims be tested.

`read_dataset` reads a folder, `replay` plays a `Learner` (wsal or a rival) against an `Expert` and yields a
`Record` for each budget. `learning_curves` sums records up over seeds, `draw_curves` draws them, and
`RecordFile` keeps records as they come.
"""

from wsal.simulation.campaign import replay_all
from wsal.simulation.curve import CurvePoint, LearningCurve, Measure, learning_curves, mean_and_error
from wsal.simulation.dataset import LabelledDataset, Metric, TestSplit
from wsal.simulation.duplicates import normalised
from wsal.simulation.encoding import Columns, encode_split
from wsal.simulation.expert import Expert
from wsal.simulation.learner import AnswersAlone, Learner, Makes, ModelThenClassifier, Strategy, Wsal
from wsal.simulation.naming import MODELS, learner_named
from wsal.simulation.reading import find_datasets, read_dataset
from wsal.simulation.record import Asked, Record
from wsal.simulation.replay import BUDGETS, replay
from wsal.simulation.saving import RecordFile, fingerprint
from wsal.simulation.svg import draw_curves

__all__ = [
    "BUDGETS",
    "MODELS",
    "AnswersAlone",
    "Asked",
    "Columns",
    "CurvePoint",
    "Expert",
    "LabelledDataset",
    "Learner",
    "LearningCurve",
    "Makes",
    "Measure",
    "Metric",
    "ModelThenClassifier",
    "Record",
    "RecordFile",
    "Strategy",
    "TestSplit",
    "Wsal",
    "draw_curves",
    "encode_split",
    "find_datasets",
    "fingerprint",
    "learner_named",
    "learning_curves",
    "mean_and_error",
    "normalised",
    "read_dataset",
    "replay",
    "replay_all",
]

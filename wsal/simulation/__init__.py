"""simulation: a labelled dataset replayed through the loop, so that users can choose and claims be tested.

`read_dataset` reads a folder, `replay` plays a `Learner` (wsal or a rival) against an `Expert` and yields a
`Record` for each budget.
"""

from wsal.simulation.dataset import LabelledDataset, Metric, TestSplit
from wsal.simulation.expert import Expert
from wsal.simulation.learner import AnswersAlone, Learner, Makes, ModelThenClassifier, Strategy, Wsal
from wsal.simulation.reading import find_datasets, read_dataset
from wsal.simulation.record import Asked, Record
from wsal.simulation.replay import BUDGETS, replay

__all__ = [
    "BUDGETS",
    "AnswersAlone",
    "Asked",
    "Expert",
    "LabelledDataset",
    "Learner",
    "Makes",
    "Metric",
    "ModelThenClassifier",
    "Record",
    "Strategy",
    "TestSplit",
    "Wsal",
    "find_datasets",
    "read_dataset",
    "replay",
]

"""strategies: the classic query strategies, behind the contract of `wsal.select`.

Each is a small frozen dataclass that is called as `wsal.select` is and returns a `Batch`. What it goes by is a pure
function from arrays to scores. `strategy` finds one by name. Which to take:
docs/how-to/choose-a-strategy.md; where each comes from: docs/explanation/query-strategies.md.
"""

from wsal.selection.strategies.base import QueryStrategy, ScoredStrategy
from wsal.selection.strategies.committee import CommitteeKL, VoteEntropy, committee_kl, vote_entropy
from wsal.selection.strategies.error_reduction import ExpectedErrorReduction, expected_log_loss
from wsal.selection.strategies.geometry import (
    CoreSet,
    DensityWeighted,
    Typicality,
    information_density,
    nearest_centre,
    neighbour_typicality,
)
from wsal.selection.strategies.model_change import ExpectedModelChange, expected_gradient_length
from wsal.selection.strategies.registry import strategies, strategy
from wsal.selection.strategies.situation import Situation
from wsal.selection.strategies.uncertainty import (
    Entropy,
    LeastConfidence,
    Margin,
    RandomItems,
    entropies,
    least_confidence,
)
from wsal.selection.strategies.vote_patterns import ConflictFirst, MaxKL, conflict_weight, label_divergence

__all__ = [
    "CommitteeKL",
    "ConflictFirst",
    "CoreSet",
    "DensityWeighted",
    "Entropy",
    "ExpectedErrorReduction",
    "ExpectedModelChange",
    "LeastConfidence",
    "Margin",
    "MaxKL",
    "QueryStrategy",
    "RandomItems",
    "ScoredStrategy",
    "Situation",
    "Typicality",
    "VoteEntropy",
    "committee_kl",
    "conflict_weight",
    "entropies",
    "expected_gradient_length",
    "expected_log_loss",
    "information_density",
    "label_divergence",
    "least_confidence",
    "nearest_centre",
    "neighbour_typicality",
    "strategies",
    "strategy",
    "vote_entropy",
]

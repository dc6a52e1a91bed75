"""testing: votes with a known truth, measures that count ties by their share, and contracts for plug-ins.

Public, so that whoever writes a label model or a query strategy can put it through the checks that wsal's own
pass: ``check_label_model(MyModel)`` and ``check_strategy(my_select)`` raise `ContractViolation`, an
``AssertionError``, at the first promise that is not kept.
"""

from wsal.analysis import log_loss, share_accuracy
from wsal.testing.contract import ContractViolation
from wsal.testing.label_model_contract import check_label_model
from wsal.testing.strategy_contract import Strategy, check_strategy
from wsal.testing.synthetic import Copies, SyntheticVotes, make_features, make_votes
from wsal.testing.worlds import World, draw_world

__all__ = [
    "ContractViolation",
    "Copies",
    "Strategy",
    "SyntheticVotes",
    "World",
    "check_label_model",
    "check_strategy",
    "draw_world",
    "log_loss",
    "make_features",
    "make_votes",
    "share_accuracy",
]

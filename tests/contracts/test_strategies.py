"""Every query strategy goes through the contract suite."""

import pytest

from wsal.selection import select
from wsal.testing import check_strategy


def _hunting(*hunt):
    def strategy(*args, **kwargs):
        return select(*args, hunt=hunt, **kwargs)

    return strategy


@pytest.mark.parametrize(
    "strategy",
    [
        pytest.param(select, id="default"),
        pytest.param(_hunting("class-1"), id="hunt"),
        pytest.param(_hunting("class-0", "class-1"), id="hunt-two"),
    ],
)
def test_the_strategy_keeps_its_contract(strategy):
    check_strategy(strategy)

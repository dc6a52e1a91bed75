from __future__ import annotations

import importlib.util
import json
import math
from importlib.util import find_spec
from pathlib import Path

import pytest

PLACE = Path(__file__).parent / "snorkel"
GOLDEN = json.loads((PLACE / "golden.json").read_text(encoding="utf-8"))


def load():
    spec = importlib.util.spec_from_file_location("make_golden", PLACE / "make_golden.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


make_golden = load()


def same(found, wanted):
    """Equal, floats to the last bits that another order of adding leaves."""
    if isinstance(wanted, float):
        return math.isclose(found, wanted, rel_tol=1e-12) or (math.isnan(found) and math.isnan(wanted))
    if isinstance(wanted, list):
        return len(found) == len(wanted) and all(map(same, found, wanted))
    if isinstance(wanted, dict):
        return found.keys() == wanted.keys() and all(same(found[key], wanted[key]) for key in wanted)
    return found == wanted


@pytest.mark.parametrize("name", make_golden.WALKS)
def test_a_walk_through_gives_what_snorkel_gives(name):
    found = make_golden.walk(name)
    assert found.keys() == GOLDEN[name].keys()
    assert [key for key in found if not same(found[key], GOLDEN[name][key])] == []


@pytest.mark.soak
@pytest.mark.filterwarnings("ignore")  # Snorkel's own: division by zero, deprecated calls of its dependencies
def test_the_golden_file_is_what_snorkel_gives_today():
    if find_spec("snorkel") is None:
        pytest.skip("needs wsal[snorkel]")
    for name in make_golden.WALKS:
        found = make_golden.walk_with_snorkel(name)
        assert [key for key in found if not same(found[key], GOLDEN[name][key])] == [], name

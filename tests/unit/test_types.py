from __future__ import annotations

import pickle

import numpy as np
import pytest

from wsal.errors import InputError
from wsal.types import ABSTAIN, LabelSpace, as_generator


def test_a_label_space_finds_classes_both_ways():
    space = LabelSpace(("ham", "spam"))
    assert [space.index(name) for name in space] == [0, 1]
    assert space.name(1) == "spam"
    assert space.name(ABSTAIN) is None
    assert "ham" in space
    assert len(space) == 2


@pytest.mark.parametrize(
    "names", [(), ("one",), ("a", "a"), ("a", ""), ("a", " "), tuple(map(str, range(128)))]
)
def test_a_label_space_refuses_what_is_no_set_of_classes(names):
    with pytest.raises(InputError):
        LabelSpace(names)


def test_a_label_has_a_name_that_fits_into_a_table():
    assert len(LabelSpace(("a", "b" * 200)).names[1]) == 200
    with pytest.raises(InputError, match=r"at most 200 characters, and 'b{40}'… has 201"):
        LabelSpace(("a", "b" * 201))


def test_a_label_that_is_no_text_is_named():
    with pytest.raises(InputError, match="True"):
        LabelSpace(("yes", True))  # type: ignore[arg-type]  # what a careless reader of YAML makes of `no`


def test_an_unknown_label_suggests_the_nearest():
    with pytest.raises(InputError) as caught:
        LabelSpace(("ham", "spam")).index("spma")
    assert caught.value.hint == "did you mean 'spam'?"


def test_a_label_space_survives_pickling_in_memory():
    space = LabelSpace(("ham", "spam"))
    assert space.index("ham") == 0
    assert pickle.loads(pickle.dumps(space)) == space  # noqa: S301  # our own bytes


def test_a_seed_makes_the_same_generator_and_leaves_the_global_state_alone():
    before = np.random.get_state()[1].copy()  # noqa: NPY002  # the state that must not change
    assert as_generator(3).random() == as_generator(3).random()
    generator = np.random.default_rng(0)
    assert as_generator(generator) is generator
    assert np.array_equal(before, np.random.get_state()[1])  # noqa: NPY002  # the same

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsal.arrays import arrow_numbers, arrow_texts, numpy_numbers


@given(st.lists(st.booleans(), max_size=40), st.integers(0, 20), st.integers(0, 20))
def test_truth_values_are_those_of_arrow_from_any_place_on(values, start, length):
    part = pa.array(values, pa.bool_()).slice(min(start, len(values)), length)
    assert numpy_numbers(part).tolist() == part.to_pylist()
    assert numpy_numbers(part).dtype == np.bool_


@pytest.mark.parametrize("kind", [np.int8, np.int32, np.int64, np.uint8, np.float64])
@given(st.lists(st.integers(0, 100), max_size=20), st.integers(0, 9))
def test_numbers_go_to_arrow_and_back(kind, values, start):
    given_values = np.array(values, dtype=kind)
    array = arrow_numbers(given_values)
    assert array.equals(pa.array(given_values))
    again = numpy_numbers(array[min(start, len(values)) :])
    assert again.dtype == kind
    assert again.tolist() == values[start:]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]))))
def test_texts_of_any_script_are_those_of_arrow(texts):
    assert arrow_texts(texts).equals(pa.array(texts, pa.large_string()))


def test_half_a_character_is_refused():
    with pytest.raises(UnicodeEncodeError):
        arrow_texts(["a\ud800"])


def test_nothing_here_imports_pandas():
    code = (
        "import sys, numpy as np\n"
        "from wsal.arrays import arrow_numbers, arrow_texts, numpy_numbers\n"
        "numpy_numbers(arrow_numbers(np.arange(3))), numpy_numbers(arrow_texts(['a']).is_null())\n"
        "assert 'pandas' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)

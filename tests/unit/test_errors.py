from __future__ import annotations

import inspect

from wsal import errors
from wsal.errors import InputError, LabelingFunctionError, Location, WsalError, did_you_mean


def test_the_caret_stands_under_its_character_behind_tabs_too():
    text = str(InputError("bad", location=Location("p.yaml", 2, 4, "\tid: x")))
    first, line, caret = text.splitlines()
    assert first == "p.yaml:2:4: error: bad"
    assert line == "  \tid: x"
    assert caret == "  \t  ^"


def test_an_error_without_a_place_is_its_message():
    assert str(InputError("bad")) == "bad"
    assert str(InputError("bad", hint="mend it")).endswith("hint: mend it")


def test_every_error_is_drawn_in_the_tree():
    drawn = inspect.getdoc(errors)
    for name in errors.__all__:
        thing = getattr(errors, name)
        if inspect.isclass(thing) and issubclass(thing, WsalError):
            assert name in drawn


def test_bad_input_is_a_value_error_and_exits_with_two():
    assert issubclass(InputError, ValueError)
    assert InputError.exit_code == 2
    assert WsalError.exit_code == 1


def test_a_raising_function_is_named_with_its_item_and_cause():
    text = str(LabelingFunctionError("prize", "m17", ZeroDivisionError("division by zero")))
    assert "prize" in text
    assert "'m17'" in text
    assert "ZeroDivisionError: division by zero" in text


def test_case_hides_no_suggestion():
    assert did_you_mean("SPAM", ["ham", "Spam"]) == "did you mean 'Spam'?"


def test_nothing_is_suggested_where_nothing_is_close():
    assert did_you_mean("xyz", ["author"]) is None

"""Other labels in ``wsal.toml``: every other byte stays, or nothing is done."""

from __future__ import annotations

import pytest

from wsal.config import read_config
from wsal.errors import ConfigError, InputError
from wsal.project.classes.settings_edits import settings_with_labels
from wsal.types import LabelSpace

NEW = LabelSpace(("ham", 'say "x]"', "ü"))


def config(tmp_path, text):
    path = tmp_path / "wsal.toml"
    path.write_text(text, encoding="utf-8")
    return read_config(path)


@pytest.mark.parametrize(
    "text",
    [
        '# labels = ["no"]\n[task]\nname = "t"\nlabels = ["ham", "sp]am"]  # two\n[data]\npath = "d.csv"\n',
        "[task]\nname = 't'\nlabels = [\n  'ham',  # good\n  'spam',\n]\n\n[data]\npath = 'd.csv'\n",
        'task.name = "t"\ntask.labels = ["ham", "spam"]\ndata.path = "d.csv"\n',
    ],
)
def test_only_the_list_of_labels_changes(tmp_path, text):
    found = config(tmp_path, text)
    edited = settings_with_labels(found, NEW)
    start, end = text.index("labels = [", 20 if text.startswith("#") else 0), text.rindex("data")
    assert edited.startswith(text[: start + 10])
    assert edited.endswith(text[end:])
    found.file.write_text(edited, encoding="utf-8")
    assert read_config(found.file).labels == NEW


def test_shares_of_classes_that_would_not_fit_are_refused(tmp_path):
    text = '[task]\nname = "t"\nlabels = ["a", "b"]\nclass_balance = [0.5, 0.5]\n[data]\npath = "d.csv"\n'
    found = config(tmp_path, text)
    with pytest.raises(InputError, match="class_balance has 2 shares, and there would be 3"):
        settings_with_labels(found, NEW)
    assert 'labels = ["a", "c"]\nclass_balance = [0.5, 0.5]' in settings_with_labels(
        found, LabelSpace(("a", "c"))
    )


def test_a_list_that_cannot_be_found_is_an_error_with_the_cure(tmp_path):
    found = config(tmp_path, 'task = {name = "t", labels = ["a", "b"]}\ndata = {path = "d.csv"}\n')
    with pytest.raises(ConfigError, match="write it in one line under"):
        settings_with_labels(found, NEW)

from __future__ import annotations

import pytest

from wsal.config import find_config, read_config
from wsal.errors import ConfigError

GOOD = """\
[task]
name = "spam"
labels = ["ham", "spam"]
class_balance = [0.9, 0.1]
[data]
path = "messages.csv"
id = "id"
text = "text"
[rules]
paths = ["rules"]
"""


def write(folder, text):
    path = folder / "wsal.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_settings_are_read_and_paths_start_at_their_folder(tmp_path):
    config = read_config(write(tmp_path, GOOD))
    assert config.name == "spam"
    assert config.labels.names == ("ham", "spam")
    assert config.data_path == tmp_path / "messages.csv"
    assert config.rule_paths == (tmp_path / "rules",)
    assert config.class_balance == (0.9, 0.1)
    assert config.text_features == ("text",)
    assert config.store_url == "sqlite:///.wsal/store.db"


def test_named_features_replace_the_text_column(tmp_path):
    config = read_config(write(tmp_path, GOOD + '[features]\nnumeric = ["n"]\n'))
    assert config.numeric_features == ("n",)
    assert config.text_features == ()


def test_the_nearest_settings_above_a_folder_are_found(tmp_path):
    path = write(tmp_path, GOOD)
    (tmp_path / "a" / "b").mkdir(parents=True)
    assert find_config(tmp_path / "a" / "b") == path
    assert read_config(path).file == path


def test_a_folder_without_settings_says_how_to_make_them(tmp_path):
    with pytest.raises(ConfigError, match="wsal init"):
        find_config(tmp_path)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ('[task\nname = "x"', 1, "this is no TOML"),
        ("[task]\nname = spam\n", 2, "this is no TOML"),
        (GOOD.replace("[rules]", "[ruels]"), 9, r"unknown table \[ruels\]"),
        (GOOD.replace("labels =", "label ="), 3, "unknown key `label`"),
        (GOOD.replace('["ham", "spam"]', '"ham"'), 3, "`labels` is a list of texts, got 'ham'"),
        (GOOD.replace('["ham", "spam"]', '["ham"]'), 3, "at least two labels"),
        (GOOD.replace('["ham", "spam"]', '["ham", "ham"]'), 3, "stands twice"),
        (GOOD.replace('path = "messages.csv"\n', ""), 5, r"\[data\] needs `path`"),
        (GOOD.replace('name = "spam"', 'name = ""'), 2, "`name` is a text"),
        (GOOD.replace("0.9, 0.1", "0.9, 0.2"), 4, "sum to 1.1"),
        (GOOD.replace("[0.9, 0.1]", "[0.9, true]"), 4, "list of numbers"),
        (GOOD.replace("[0.9, 0.1]", "[nan, 0.1]"), 4, "class_balance"),
        ('task = "spam"\n', 1, "`task` is a table"),
        (b'[task]\nname = "caf\xe9"\n', 2, "not UTF-8"),
        ("", None, r"\[task\] needs `name`"),
    ],
)
def test_bad_settings_name_file_line_and_cure(tmp_path, text, line, message):
    path = write(tmp_path, text)
    with pytest.raises(ConfigError, match=message) as caught:
        read_config(path)
    assert caught.value.location.file == str(path)
    assert caught.value.location.line == line
    assert caught.value.hint
    assert caught.value.exit_code == 2


def test_missing_settings_name_the_command_that_makes_them(tmp_path):
    with pytest.raises(ConfigError, match="wsal init"):
        read_config(tmp_path / "wsal.toml")

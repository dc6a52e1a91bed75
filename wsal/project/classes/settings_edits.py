"""Other classes in ``wsal.toml``: the list of labels is replaced, every other byte of the file stays."""

from __future__ import annotations

import json
import re
import tomllib
from typing import Any

from wsal.config import Config
from wsal.errors import ConfigError, InputError, Location
from wsal.types import LabelSpace

__all__ = ["settings_with_labels"]

_LABELS = re.compile(r"^[ \t]*(?:task[ \t]*\.[ \t]*)?[\"']?labels[\"']?[ \t]*=[ \t]*\[", re.MULTILINE)


def settings_with_labels(config: Config, labels: LabelSpace) -> str:
    """Return the text of the settings with other labels.

    Raises
    ------
    InputError
        The settings give a share of each class, which would fit no more; or the class goes that stands for no span.
    ConfigError
        The list cannot be found safely; the message says what to write.
    """
    text = config.file.read_bytes().decode("utf-8-sig")
    wanted: dict[str, Any] = tomllib.loads(text)
    shares = wanted["task"].get("class_balance")
    if isinstance(shares, list) and len(shares) != len(labels):
        raise InputError(
            f"{config.file}: class_balance has {len(shares)} shares, and there would be {len(labels)} classes",
            hint='write class_balance = "audit" first, or remove it',
        )
    if config.spans is not None and config.spans.none not in labels:
        raise InputError(
            f"{config.file}: [spans] none = {config.spans.none!r} says that nothing stands at a place",
            hint="this class stays as it is called",
        )
    wanted["task"]["labels"] = list(labels)
    listed = ", ".join(json.dumps(name, ensure_ascii=False) for name in labels)
    for found in _LABELS.finditer(text):
        end = _closing(text, found.end())
        edited = f"{text[: found.end()]}{listed}{text[end:]}"
        if _reads_as(edited, wanted):
            return edited
    raise ConfigError(
        "the list of labels cannot be replaced safely",
        location=Location(str(config.file)),
        hint=f"write it in one line under [task], and try again: labels = [{', '.join(map(repr, config.labels))}]",
    )


def _closing(text: str, start: int) -> int:
    """Return where the list ends that begins before a place; brackets in texts do not count."""
    quote = ""
    for i in range(start, len(text)):
        if quote:
            if text[i] == quote and (quote == "'" or text[i - 1] != "\\"):
                quote = ""
        elif text[i] in "\"'":
            quote = text[i]
        elif text[i] == "]":
            return i
    return len(text)


def _reads_as(text: str, wanted: dict[str, Any]) -> bool:
    try:
        return tomllib.loads(text) == wanted
    except tomllib.TOMLDecodeError:
        return False

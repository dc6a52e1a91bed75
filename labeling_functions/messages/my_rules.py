"""What the message rules ask of Python: a condition, and a labelling function.

`shouting` is a condition: the pack names it under ``when: {python: "my_rules:shouting"}``; it gets an item
and says yes or no. `money_and_hurry` is a labelling function: its rule has no ``label:``, since it names
the label itself.
"""

from __future__ import annotations

import re
from typing import Any

_MONEY = re.compile(r"\b(?:cash|pay(?:ment)?|refund|fee|loans?|prize|bank|card)\b|[£€$]\s?\d", re.IGNORECASE)
_HURRY = re.compile(
    r"\b(?:now|today|tonight|immediately|urgent(?:ly)?|within \d+ hours?|expires?|last chance|before \w+)\b",
    re.IGNORECASE,
)


def shouting(x: Any, *, min_words: int = 2) -> bool:  # noqa: ANN401  # an item of any source
    """Say whether a message shouts.

    Parameters
    ----------
    x : object
        An item with the field ``text``.
    min_words : int
        Words in capitals (of two letters or more) or runs of exclamation marks that make it shouting.

    Examples
    --------
    >>> from types import SimpleNamespace as Item
    >>> shouting(Item(text="FREE entry, text WIN NOW")), shouting(Item(text="Is the BBC on?"))
    (True, False)
    """
    capitals = re.findall(r"\b[A-Z]{2,}\b", x.text)
    return len(capitals) + len(re.findall(r"!{2,}", x.text)) >= min_words


def money_and_hurry(x: Any) -> str | None:  # noqa: ANN401  # an item of any source
    """Vote spam where a message speaks of money and of haste; abstain elsewhere.

    Examples
    --------
    >>> from types import SimpleNamespace as Item
    >>> money_and_hurry(Item(text="Pay the fee today")), money_and_hurry(Item(text="Rent is due"))
    ('spam', None)
    """
    return "spam" if _MONEY.search(x.text) and _HURRY.search(x.text) else None

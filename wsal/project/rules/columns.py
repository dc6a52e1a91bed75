"""Which columns of votes belong to a rule."""

from __future__ import annotations

from wsal.errors import InputError, did_you_mean

__all__ = ["columns_of_rule"]


def columns_of_rule(rule: str, lf_names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the columns of votes that belong to a rule: one, or one for each bin of its confidence.

    Raises
    ------
    InputError
        There is no such rule.

    Examples
    --------
    >>> columns_of_rule("llm", ("llm[0.5-0.8]", "llm[0.8-1]", "prize"))
    ('llm[0.5-0.8]', 'llm[0.8-1]')
    """
    found = tuple(name for name in lf_names if name == rule or name.startswith(f"{rule}["))
    if not found:
        known = dict.fromkeys([*lf_names, *(name.partition("[")[0] for name in lf_names)])
        raise InputError(
            f"there is no rule {rule!r} in the run",
            hint=did_you_mean(rule, known) or "`wsal rules` lists the rules",
        )
    return found

"""Trust in the words of people who know the subject, not statistics: what was found about the rules, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from wsal.analysis import TrustReport
from wsal.analysis.trust_findings import Finding, FindingKind
from wsal.web.wording import counted

__all__ = ["Said", "say_finding", "say_trust"]

_NAMED: Final = 4  # rules, of a list
_HARDLY: Final = 0.01  # of the labels
_AUDIT: Final = "Answer some thirty items drawn at random (the Label page marks them “audit”)"
_VERDICTS: Final = {
    "trust": ("weighing the rules helps", "Weighing is expected to be right more often, by {} of accuracy"),
    "no difference": (
        "weighing makes no difference",
        "Neither is expected to be clearly better: weighing changes accuracy by {}",
    ),
    "do not trust": (
        "weighing the rules hurts",
        "Weighing is expected to be wrong more often: accuracy changes by {}",
    ),
}


@dataclass(frozen=True)
class Said:
    """Something about the rules: what it is, and what to do; ``do`` is empty where nothing has to be done."""

    text: str
    do: str
    short: str = ""


def say_trust(report: TrustReport) -> Said:
    """Say whether labels from weighed rules are to be preferred to a count of votes; ``short`` fits a chip.

    Parameters
    ----------
    report : TrustReport
    """
    # Adding 0 turns -0.0 into 0.0.
    low, high = (
        round(100 * gain, 1) + 0.0 for gain in (min(report.gains.values()), max(report.gains.values()))
    )
    points = f"{low:+.1f} to {high:+.1f} points".replace("-", "−")
    short, expected = _VERDICTS[report.verdict]
    text = (
        "A rule that seems reliable counts for more than one that does not. Giving each rule one vote instead would "
        f"change {100 * report.disputed:.1f} % of the labels where a rule votes"
    )
    if report.disputed < _HARDLY:
        return Said(f"{text}: the weights hardly matter.", "", short)
    text += f". {expected.format(points)} (a range over ways of reading the votes, no confidence interval)."
    if report.contradictory:
        return Said(f"{text} Rules alone cannot tell which.", f"{_AUDIT}: they can tell.", short)
    cure = "Answer more items, which corrects the weights, and mend what is said below."
    return Said(text, cure if report.verdict == "do not trust" else "", short)


def say_finding(finding: Finding) -> Said:
    """Say what was found about some rules.

    Parameters
    ----------
    finding : Finding

    Examples
    --------
    >>> said = say_finding(Finding("never votes", "", "", ("shouting",), (), {"functions": 1, "items": 428}))
    >>> said.text
    'shouting says nothing about any of the 428 items.'
    >>> said.do
    'Mend or retire it: nothing can be learnt about a silent rule.'
    """
    return _SAY[finding.kind](finding)


def _never_votes(it: Finding) -> Said:
    one = len(it.lfs) == 1
    items = counted(int(it.figures["items"]), "item")
    return Said(
        f"{_listed(it.lfs)} {'says' if one else 'say'} nothing about any of the {items}.",
        f"Mend or retire {'it' if one else 'them'}: nothing can be learnt about a silent rule.",
    )


def _duplicates(it: Finding) -> Said:
    votes = counted(int(it.figures["votes"]), "item")
    return Said(
        f"{_listed(it.lfs)} say the same about every item ({votes}).",
        f"Keep one of them: one opinion should not count {len(it.lfs)} times.",
    )


def _few_overlaps(it: Finding) -> Said:
    (label,), n = it.classes, int(it.figures["functions"])
    if n == 0:
        return Said(
            f"No rule ever says {label}.",
            f"Write rules for {label}, or answer items of it: rules will never find it.",
        )
    if n < 3:
        found = (
            f"Only one rule says {label}: {_listed(it.lfs)}."
            if n == 1
            else f"Only {_listed(it.lfs)} say {label}."
        )
        return Said(
            found,
            f"Write {'two more that speak' if n == 1 else 'one more that speaks'} about some of the same items: three "
            "rules can check each other, fewer cannot.",
        )
    if not it.figures.get("overlapping"):
        return Said(
            f"The {n} rules that say {label} hardly ever speak about the same item, so none checks another.",
            "Write rules that look for other signs in the same items, or answer some of these items.",
        )
    return Said(
        f"For {label}, no three rules of different kinds speak about the same items; {_listed(it.lfs)} do so in twos.",
        "Write one more that speaks where they do: where two disagree, nothing else tells which is wrong.",
    )


def _correlated(it: Finding) -> Said:
    same, expected = int(it.figures["equal votes"]), it.figures["expected"]
    which = "They" if len(it.lfs) == 2 else "The two most alike"
    return Said(
        f"{_listed(it.lfs)} agree more often than rules that look for different things would. {which} say the same "
        f"about {counted(same, 'item')}, where some {expected:.0f} were to be expected.",
        "They may look for the same words. Merge them, or let each look for something else.",
    )


def _unstable_balance(it: Finding) -> Said:
    (label,) = it.classes
    low, high = 100 * it.figures["low"], 100 * it.figures["high"]
    return Said(
        f"How common {label} is cannot be told from the rules: {low:.1f} to {high:.1f} % of the items where a rule "
        "votes, depending on how the votes are read. Doubtful labels hang on it.",
        f"{_AUDIT}, or write the true shares, if you know them, as class_balance into wsal.toml.",
    )


def _one_class_each(it: Finding) -> Said:
    clash = 100 * it.figures["share in conflict"]
    return Said(
        "Each rule only ever says one label. So the rules cannot tell how common the labels are, nor who is right "
        f"where they clash ({clash:.1f} % of the items where a rule votes).",
        f"{_AUDIT}, or write the true shares, if you know them, as class_balance into wsal.toml.",
    )


_SAY: Final[Mapping[FindingKind, Callable[[Finding], Said]]] = {
    "never votes": _never_votes,
    "duplicates": _duplicates,
    "few overlaps": _few_overlaps,
    "correlated": _correlated,
    "unstable balance": _unstable_balance,
    "one class each": _one_class_each,
}


def _listed(names: Sequence[str]) -> str:
    shown = [*names[:_NAMED], *([f"{len(names) - _NAMED} more"] if len(names) > _NAMED else [])]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"

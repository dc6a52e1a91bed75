"""When to stop labelling: rules that were set beforehand, and how far each is met."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from wsal.errors import InputError
from wsal.estimation.intervals import Interval
from wsal.estimation.planning import sample_size_to_show

__all__ = ["StopRules", "Verdict", "judge"]

Reason: TypeAlias = Literal["target accuracy", "budget", "expected gain"]


@dataclass(frozen=True)
class StopRules:
    """What would be enough; a rule that is None is not asked.

    Parameters
    ----------
    target_accuracy : float, optional
        Stop when the accuracy's lower limit is so high.
    budget : int, optional
        Stop after so many answers.
    min_gain : float, optional
        Stop when answers are expected to put right less than this share of the items' labels.

    Raises
    ------
    InputError
        A share outside (0, 1), or a budget below 1.
    """

    target_accuracy: float | None = None
    budget: int | None = None
    min_gain: float | None = None

    def __post_init__(self) -> None:
        for name, share in (("target_accuracy", self.target_accuracy), ("min_gain", self.min_gain)):
            if share is not None and not 0 < share < 1:
                raise InputError(f"{name}={share:g} is no share between 0 and 1", hint=f"write {name} = 0.95")
        if self.budget is not None and self.budget < 1:
            raise InputError(f"budget={self.budget}: a budget is at least one answer")


@dataclass(frozen=True)
class Verdict:
    """How far a rule is met.

    Parameters
    ----------
    reason : {"target accuracy", "budget", "expected gain"}
    met : bool
        Whether it says stop.
    text : str
        With numbers.
    """

    reason: Reason
    met: bool
    text: str


def judge(
    rules: StopRules, *, n_answers: int, gain: float | None = None, accuracy: Interval | None = None
) -> tuple[Verdict, ...]:
    """Say of each rule that was set whether it is met.

    Parameters
    ----------
    rules : StopRules
    n_answers : int
        Answers so far.
    gain : float, optional
        Share of the items whose labels further answers are expected to put right, at most.
    accuracy : Interval, optional
        From audit draws.

    Examples
    --------
    >>> for verdict in judge(StopRules(0.9, 100), n_answers=120, accuracy=Interval(0.95, 0.91, 0.98)):
    ...     print(verdict.met, verdict.text)
    True the accuracy is at least 91.0 %: the target of 90.0 % is shown
    True 120 of 100 answers are spent
    """
    verdicts = []
    if rules.target_accuracy is not None:
        verdicts.append(_on_target(rules.target_accuracy, accuracy))
    if rules.budget is not None:
        text = f"{n_answers} of {rules.budget} answers are spent"
        verdicts.append(Verdict("budget", n_answers >= rules.budget, text))
    if rules.min_gain is not None and gain is not None:
        small = gain < rules.min_gain
        text = (
            f"more answers are expected to put right at most {100 * gain:.2f} % of the labels by pattern, "
            f"{'less' if small else 'not less'} than {100 * rules.min_gain:g} %"
        )
        verdicts.append(Verdict("expected gain", small, text))
    return tuple(verdicts)


def _on_target(target: float, accuracy: Interval | None) -> Verdict:
    goal = f"the target of {100 * target:.1f} %"
    if accuracy is None:
        return Verdict("target accuracy", met=False, text=f"{goal} is not graded yet: run `wsal estimate`")
    if accuracy.low >= target:
        text = f"the accuracy is at least {100 * accuracy.low:.1f} %: {goal} is shown"
        return Verdict("target accuracy", met=True, text=text)
    span = f"{100 * accuracy.low:.1f} % to {100 * accuracy.high:.1f} %"
    if accuracy.high < target:
        return Verdict("target accuracy", met=False, text=f"the accuracy ({span}) is below {goal}")
    if accuracy.value > target:
        n = sample_size_to_show(target, expected=accuracy.value)
        text = (
            f"the accuracy ({span}) does not show {goal} yet; about {n} audit draws in all would, if it stays"
        )
    else:
        text = f"the accuracy ({span}) neither shows nor excludes {goal}"
    return Verdict("target accuracy", met=False, text=text)

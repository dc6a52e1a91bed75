"""Judged: what of a project judges its rules, its people and its labels. Wiring only."""

from __future__ import annotations

from collections.abc import Sequence

from wsal.analysis import TrustReport
from wsal.analysis.contradictions import Method
from wsal.config import Config
from wsal.project.estimates.against_random import AgainstRandom, against_random
from wsal.project.estimates.bias import BiasReport, bias_report
from wsal.project.estimates.costs import CostReport, cost_report
from wsal.project.estimates.scorecards import Scorecards
from wsal.project.history import History
from wsal.project.labelling.drawing import queued_tasks
from wsal.project.labelling.people import Annotators, Contradicted, annotators_of, contradicted_answers
from wsal.project.labelling.tasks import Task
from wsal.project.runs.cross_fitting import OnFold
from wsal.project.runs.fitting import require_trust
from wsal.project.runs.material import Material
from wsal.project.runs.stopping import Stopping, stop_rules, stopping

__all__ = ["Judged"]


class Judged:
    """The part of `wsal.Project` that reads and judges; it writes nothing."""

    config: Config
    history: History
    _material: Material

    def scorecards(self, *, level: float = 0.95, allow_python: bool = True) -> Scorecards:
        """Return all that is known of the rules of the last `apply`, one by one or together.

        Raises
        ------
        InputError
            Nothing was applied yet.
        """
        return Scorecards(self._material, level=level, allow_python=allow_python)

    def bias(
        self,
        *,
        by: str,
        bins: int = 4,
        edges: Sequence[float] | None = None,
        level: float = 0.95,
        on_fold: OnFold | None = None,
    ) -> BiasReport:
        """Compare the groups that a column makes; see `estimates.bias`."""
        return bias_report(self._material, by=by, bins=bins, edges=edges, level=level, on_fold=on_fold)

    def against_random(self, *, level: float = 0.95, on_fold: OnFold | None = None) -> AgainstRandom:
        """Say what chosen answers taught beside random ones; see `estimates.against_random`."""
        return against_random(self._material, level=level, on_fold=on_fold)

    def annotators(self) -> Annotators:
        """Report how far people agree and how often each is right; by the answers that stand."""
        return annotators_of(self.history.store.human_labels(self.config.labels), self.config.labels)

    def contradictions(self, *, at_least: float = 2.0, by: Method = "evidence") -> tuple[Contradicted, ...]:
        """List the answers, given here or imported, that evidence without them contradicts.

        Parameters
        ----------
        at_least : float
            Log odds against the answer, in nats; 2 are odds of about seven to one.
        by : {"evidence", "confident learning"}
            The votes of the last `fit` and other people; or cleanlab, on cross-fitted labels.

        Raises
        ------
        InputError
            Nothing was fitted yet, or cleanlab is asked for and not installed.
        """
        return contradicted_answers(self._material, at_least=at_least, by=by)

    def read_as(self, other: Judged) -> None:
        """Take data and features from another project with the same settings about both."""
        self._material.read_as(other._material)

    def queued(self, annotator: str) -> tuple[Task, ...]:
        """Return the items that wait for a second opinion of this person, who did not answer them before."""
        return queued_tasks(self._material, annotator)

    def costs(
        self,
        *,
        rate: float | None = None,
        currency: str = "",
        idle: float = 120.0,
        target_accuracy: float | None = None,
    ) -> CostReport:
        """Sum up what answers took, and predict what a target will take; see `estimates.costs`."""
        return cost_report(
            self.history, rate=rate, currency=currency, idle=idle, target_accuracy=target_accuracy
        )

    def trust(self) -> TrustReport:
        """Return the trust report of the last `fit`.

        Raises
        ------
        InputError
            There is none: nothing was fitted yet, no rule voted, or an older wsal made the run.
        """
        return require_trust(self.history)

    def stopping(
        self,
        *,
        target_accuracy: float | None = None,
        budget: int | None = None,
        min_gain: float | None = None,
    ) -> Stopping:
        """Say whether to go on labelling, and where; what is not given is as the settings say."""
        rules = stop_rules(self.config, target_accuracy=target_accuracy, budget=budget, min_gain=min_gain)
        return stopping(self.history, rules)

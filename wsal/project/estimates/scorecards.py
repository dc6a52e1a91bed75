"""Scorecards: all that is known of a rule, in one place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import groupby
from typing import Any

from wsal.analysis import Drift, LFAnalysis, RuleProfile, rule_drift, rule_profiles, time_bins
from wsal.errors import InputError, WsalError, did_you_mean
from wsal.lf import RuleTestResult, check_pack, pack_files
from wsal.project.estimates.figures import Figure
from wsal.project.estimates.grading import Grading
from wsal.project.history import History
from wsal.project.rules.over_runs import RunPoint, rule_runs
from wsal.project.rules.past import RuleVersionRow, first_loads, number_versions
from wsal.project.runs.material import Material
from wsal.types import Floats
from wsal.votes import VoteMatrix

__all__ = ["RuleCostRow", "RuleTests", "Scorecard", "Scorecards"]


@dataclass(frozen=True)
class RuleCostRow:
    """What the rule's votes took when they were last computed.

    Parameters
    ----------
    run : str
    cpu_seconds : float
    n_items, n_sharing : int
        Items voted on; rules that shared one pass, among which its time was shared evenly.
    """

    run: str
    cpu_seconds: float
    n_items: int
    n_sharing: int

    @property
    def microseconds(self) -> float:
        """CPU time an item, in µs."""
        return 1e6 * self.cpu_seconds / self.n_items if self.n_items else 0.0


@dataclass(frozen=True)
class RuleTests:
    """The tests beside the rule as it is now written; ``failures`` in words, ``note`` why there are no results."""

    n_tests: int
    failures: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Scorecard:
    """A rule of the last run of `apply`.

    Parameters
    ----------
    name : str
    author, why : str
    polarity : tuple of str
        Classes that it votes for.
    n_items : int
    coverage, overlaps, conflicts : float
        Shares of the items.
    profile : RuleProfile
        Votes by class, items that it alone labels, and agreement with each other rule.
    n_answered, n_right : int
        Answers on items with its vote, and those that equal it: counts on chosen items, no estimate.
    precision : Figure, optional
        From audit draws alone, with its interval and the answers behind it.
    n_audit_answers : int
        Answered audit draws among its votes.
    precision_note : str
        Why there is no precision.
    versions : tuple of RuleVersionRow
        The oldest first.
    runs : tuple of RunPoint
        What it did in the last runs of `apply`, the oldest first.
    drift : Drift, optional
        Over a column of times, where one was named.
    cost : RuleCostRow, optional
        None where an older wsal computed its votes.
    tests : RuleTests
    """

    name: str
    author: str
    why: str
    polarity: tuple[str, ...]
    n_items: int
    coverage: float
    overlaps: float
    conflicts: float
    profile: RuleProfile
    n_answered: int
    n_right: int
    precision: Figure | None
    n_audit_answers: int
    precision_note: str
    versions: tuple[RuleVersionRow, ...]
    runs: tuple[RunPoint, ...]
    drift: Drift | None
    cost: RuleCostRow | None
    tests: RuleTests

    def _repr_html_(self) -> str:
        from wsal.markup import block, interval, percent, table

        precision = self.precision_note or "not known"
        if self.precision is not None:
            estimate = self.precision.estimate
            precision = f"{interval(estimate.low, estimate.high)}, from {self.precision.n_answers} answers"
        lines = [
            ("votes for", ", ".join(self.polarity)),
            ("why", self.why),
            ("author", self.author),
            ("coverage", f"{percent(self.coverage)} of {self.n_items} items"),
            ("overlaps", percent(self.overlaps)),
            ("conflicts", percent(self.conflicts)),
            ("precision", precision),
            ("versions", len(self.versions)),
            ("CPU time an item", "" if self.cost is None else f"{self.cost.microseconds:.3g} µs"),
            ("tests", f"{self.tests.n_tests}, {len(self.tests.failures)} failed"),
        ]
        return block(f"Rule {self.name}", table(["", ""], lines, n_rows=len(lines)))

    def to_dict(self) -> dict[str, Any]:
        """Return the scorecard for JSON, with what stands in the table of rules by the names it has there."""
        values = asdict(self)
        current = next((v.fingerprint for v in self.versions if v.current), None)
        return values | {
            "fingerprint": current,
            "precision": None if self.precision is None else self.precision.to_dict(),
            "cost": None
            if self.cost is None
            else asdict(self.cost) | {"microseconds_an_item": self.cost.microseconds},
        }


class Scorecards:
    """The scorecards of a project; what several of them need is computed once.

    Parameters
    ----------
    material : Material
    level : float
        Of the intervals.
    allow_python : bool
        Whether the tests of rules that run code are run.

    Raises
    ------
    InputError
        Nothing was applied yet.
    """

    def __init__(self, material: Material, *, level: float = 0.95, allow_python: bool = True) -> None:
        self.material, self.level = material, level
        self._allow_python = allow_python and material.config.allow_python
        self.history: History = material.history
        self.applied = self.history.run("run_applied")
        self.votes: VoteMatrix = self.history.votes(self.applied.run)

    def every(self, *, time: str | None = None, bins: int = 8) -> tuple[Scorecard, ...]:
        """Return the scorecard of each rule, in the order of the columns, without past runs.

        Parameters
        ----------
        time : str, optional
            A column of times to look for drift over.
        bins : int
            Stretches of time.

        Raises
        ------
        InputError
            No such column, or its cells are no times.
        """
        drifts = self._drifts(time, bins)
        return tuple(self._card(j, runs=(), drift=drifts.get(j)) for j in range(self.votes.n_lfs))

    def of(self, rule: str, *, time: str | None = None, bins: int = 8) -> Scorecard:
        """Return the scorecard of a rule, with what it did in past runs.

        Raises
        ------
        InputError
            There is no such rule in the last run of `apply`.
        """
        if rule not in self.votes.lf_names:
            raise InputError(
                f"there is no rule {rule!r} in run {self.applied.run}",
                hint=did_you_mean(rule, self.votes.lf_names) or "`wsal rules` lists them",
            )
        j = self.votes.lf_names.index(rule)
        drift = self._drifts(time, bins).get(j)
        numbers = {version.fingerprint: version.number for version in self._versions(rule)}
        runs = rule_runs(rule, self.history, version_numbers=numbers, level=self.level)
        return self._card(j, runs=runs, drift=drift)

    def _card(self, j: int, *, runs: tuple[RunPoint, ...], drift: Drift | None) -> Scorecard:
        name, line = self.votes.lf_names[j], self._lines[j]
        versions = self._versions(name)
        current = next((v for v in reversed(versions) if v.current), None)
        precision, n, note = self._precision(j)
        return Scorecard(
            name=name,
            author=current.author if current else "",
            why=current.why if current else "",
            polarity=line.polarity,
            n_items=self.votes.n_items,
            coverage=line.coverage,
            overlaps=line.overlaps,
            conflicts=line.conflicts,
            profile=self._profiles[j],
            n_answered=line.n_answered,
            n_right=line.n_right,
            precision=precision,
            n_audit_answers=n,
            precision_note=note,
            versions=versions,
            runs=runs,
            drift=drift,
            cost=self._cost(j),
            tests=self._tests.get(name, RuleTests(0, note=self._tests_note)),
        )

    @cached_property
    def _lines(self) -> Sequence[Any]:
        return LFAnalysis(self.votes, self.history.human(self.votes)[0]).summary()

    @cached_property
    def _profiles(self) -> tuple[RuleProfile, ...]:
        return rule_profiles(self.votes.patterns(), self._probabilities)

    @property
    def _probabilities(self) -> Floats | None:
        """Return what the label model of the last `fit` says of each pattern; None where it knows other votes."""
        fitted = self.history.store.latest_run("run_fitted")
        if fitted is None or fitted.payload.votes_run != self.applied.run:
            return None
        return self.history.model(fitted).pattern_proba(self.votes.patterns())

    def _precision(self, j: int) -> tuple[Figure | None, int, str]:
        grading = self._grading
        if grading is None:
            return None, 0, "no labels yet: run `wsal fit`, then answer audit items"
        name = self.votes.lf_names[j]
        graded = dict(zip(grading.votes.lf_names, grading.votes.lf_fingerprints, strict=True))
        if graded.get(name) != self.votes.lf_fingerprints[j]:
            return None, 0, "the rule changed after the last `wsal fit`: run it again"
        if not grading.audits.batches:
            return None, 0, "no item was drawn at random and answered yet: run `wsal label`"
        figure, n = grading.rule(name)
        few = "" if figure else f"answered audit draws among its votes: {n}, too few for an interval"
        return figure, n, few

    @cached_property
    def _grading(self) -> Grading | None:
        fitted = self.history.store.latest_run("run_fitted")
        return None if fitted is None else Grading(self.history, fitted, self.level)

    def _versions(self, name: str) -> tuple[RuleVersionRow, ...]:
        return self._all_versions.get(name, ())

    @cached_property
    def _all_versions(self) -> Mapping[str, tuple[RuleVersionRow, ...]]:
        loads, rows = first_loads(self.history), self.history.store.rules(current=False)
        return {name: number_versions(mine, loads) for name, mine in groupby(rows, key=lambda row: row.name)}

    def _cost(self, j: int) -> RuleCostRow | None:
        return self._costs.get((self.votes.lf_names[j], self.votes.lf_fingerprints[j]))

    @cached_property
    def _costs(self) -> Mapping[tuple[str, str | None], RuleCostRow]:
        """What each version took when it was last computed, whichever run that was."""
        found: dict[tuple[str, str | None], RuleCostRow] = {}
        for run in self.history.store.runs("run_applied"):
            prints = {rule.name: rule.fingerprint for rule in run.payload.rules}
            for cost in run.payload.costs:
                row = RuleCostRow(run.run, cost.cpu_seconds, cost.n_items, cost.n_sharing)
                found[cost.name, prints.get(cost.name)] = row
        return found

    @cached_property
    def _tests(self) -> Mapping[str, RuleTests]:
        results: dict[str, list[RuleTestResult]] = {}
        names: dict[str, str] = {}
        config = self.material.config
        try:
            files = [file for path in config.rule_paths for file in pack_files(path)]
            for file in files:
                checked = check_pack(
                    file,
                    allow_python=self._allow_python,
                    text=config.text_column or "text",
                    labels=config.labels,
                    vocabulary=config.vocabulary,
                )
                names |= {rule.name: rule.source_id for rule in checked.pack.rules}
                for result in checked.results:
                    results.setdefault(result.rule, []).append(result)
        except WsalError as error:
            self._tests_note = (
                f"the rules as they are now written cannot be used: {str(error).splitlines()[0]}"
            )
            return {}
        return {
            name: RuleTests(
                len(results.get(source, ())),
                tuple(str(result) for result in results.get(source, ()) if not result.passed),
                "" if results.get(source) else "it has none",
            )
            for name, source in names.items()
        }

    _tests_note = "it is not among the rules as they are now written"

    def _drifts(self, time: str | None, bins: int) -> dict[int, Drift]:
        """Test all rules for drift, whichever is asked for: the adjustment is over all of them."""
        if time is None:
            return {}
        self.material.require_same_data(self.applied.payload)
        items = self.material.items
        if time not in items.columns:
            raise InputError(
                f"there is no column {time!r} in {self.material.config.data_path.name}",
                hint=did_you_mean(time, items.columns) or f"its columns are {', '.join(items.columns)}",
            )
        stretches = time_bins(time, items.column(time), bins=bins)
        return dict(enumerate(rule_drift(self.votes.patterns(), stretches, level=self.level)))

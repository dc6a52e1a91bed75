"""What happened to rules, data and runs, a frozen dataclass for each kind; `Payload` is any of all kinds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from wsal.audit.answer_payloads import AnswerGiven, AnswersImported, AnswerUndone, BatchDrawn, refuse_repeats
from wsal.audit.circumstances import FitSettings, Software
from wsal.audit.class_payloads import ClassesChanged
from wsal.audit.keeping_payloads import GuardsRestored, PeopleLeftOut, PersonErased, Sealed
from wsal.audit.rule_payloads import RuleEdited
from wsal.types import ItemId

__all__ = [
    "DataLoaded",
    "EndModelTrained",
    "Estimated",
    "Exported",
    "FigureRecord",
    "FileRef",
    "ItemsReturned",
    "ItemsSetApart",
    "Payload",
    "ProjectCreated",
    "RuleCost",
    "RuleRef",
    "RuleVersion",
    "RulesLoaded",
    "RunApplied",
    "RunFitted",
]


@dataclass(frozen=True)
class FileRef:
    """A file that the ledger vouches for.

    Parameters
    ----------
    path : str
        Relative to the project's folder, with ``/``.
    sha256 : str
        64 hexadecimal digits.
    """

    path: str
    sha256: str


@dataclass(frozen=True)
class RuleRef:
    """A labelling function as a run used it; the fingerprint is None where it is unknown."""

    name: str
    fingerprint: str | None


@dataclass(frozen=True)
class RuleVersion:
    """A labelling function with all that an auditor asks about it.

    Parameters
    ----------
    name, fingerprint : str
        Together they name the version.
    author, why : str
        Empty where the expert gave none.
    source : str
        The full text: of the rule in its pack, or of the function.
    file : str, optional
        Where it stands.
    """

    name: str
    fingerprint: str
    author: str = ""
    why: str = ""
    source: str = ""
    file: str | None = None


@dataclass(frozen=True)
class ProjectCreated:
    """A project began, with these classes in this order."""

    kind: ClassVar[str] = "project_created"
    v: ClassVar[int] = 1
    name: str
    labels: tuple[str, ...]


@dataclass(frozen=True)
class RulesLoaded:
    """These rules, and no others, were in force from here on."""

    kind: ClassVar[str] = "rules_loaded"
    v: ClassVar[int] = 1
    rules: tuple[RuleVersion, ...]

    def __post_init__(self) -> None:
        refuse_repeats("rule", (rule.name for rule in self.rules))


@dataclass(frozen=True)
class DataLoaded:
    """Items were read; the fingerprint is of their content and ids."""

    kind: ClassVar[str] = "data_loaded"
    v: ClassVar[int] = 1
    path: str
    fingerprint: str
    n_items: int


@dataclass(frozen=True)
class RuleCost:
    """What a rule's votes took in a run; rules whose votes were known before have none.

    Parameters
    ----------
    name : str
    cpu_seconds : float
        Its share, where several rules are finished in one pass.
    n_items : int
        Items that it voted on.
    n_sharing : int
        Rules that shared the pass.
    """

    name: str
    cpu_seconds: float
    n_items: int
    n_sharing: int


@dataclass(frozen=True)
class RunApplied:
    """Rules were applied to items.

    Parameters
    ----------
    run : str
        Id of the run.
    votes : FileRef
        The label matrix as Parquet.
    rules : tuple of RuleRef
        The m columns, in order.
    data_fingerprint : str
    n_items, n_lfs, n_patterns : int
        n, m and p.
    coverage : float
        Share of items with at least one vote.
    costs : tuple of RuleCost
        Of the columns that were computed in this run.
    packs : FileRef, optional
        The full text of the rule packs and of the code beside them, as JSON.
    software : tuple of Software
        What computed the votes. Both are missing where an older wsal made the run.
    column_sha256 : tuple of str
        SHA-256 of each of the m columns as int8, in the order of the rules; none where votes are kept in parts, or an
        older wsal made the run.
    """

    kind: ClassVar[str] = "run_applied"
    v: ClassVar[int] = 1
    run: str
    votes: FileRef
    rules: tuple[RuleRef, ...]
    data_fingerprint: str
    n_items: int
    n_lfs: int
    n_patterns: int
    coverage: float
    costs: tuple[RuleCost, ...] = ()
    packs: FileRef | None = None
    software: tuple[Software, ...] = ()
    column_sha256: tuple[str, ...] = ()


@dataclass(frozen=True)
class RunFitted:
    """A label model was fitted and soft labels were delivered.

    Parameters
    ----------
    run : str
        Id of the run.
    votes_run : str
        The run whose votes were used.
    model, soft_labels : FileRef
        Parameters as JSON; soft labels as Parquet.
    n_iter : int
    stop_reason : str
    n_answers : int
        Human answers used.
    answers_seq : int
        The answers were those that stood after this row of the ledger (``Store.answers(as_of=…)``).
    class_balance : tuple of float, optional
        Where one was given or estimated.
    balance_from : str
        ``audit`` where it was estimated from audit draws; else empty.
    files : tuple of FileRef
        Any other file of the run.
    settings : FitSettings, optional
    software : tuple of Software
        What computed the labels. Both are missing where an older wsal made the run.
    """

    kind: ClassVar[str] = "run_fitted"
    v: ClassVar[int] = 1
    run: str
    votes_run: str
    model: FileRef
    soft_labels: FileRef
    n_iter: int
    stop_reason: str
    n_answers: int
    answers_seq: int
    class_balance: tuple[float, ...] | None = None
    files: tuple[FileRef, ...] = ()
    balance_from: str = ""
    settings: FitSettings | None = None
    software: tuple[Software, ...] = ()


@dataclass(frozen=True)
class EndModelTrained:
    """An end model was trained on the labels of a run of fit.

    Parameters
    ----------
    run : str
        Id of the training.
    labels_run : str
        The run of fit.
    model : str
        Its name, or ``module:factory``.
    model_sha256 : str, optional
        Of the file that holds the factory.
    seed : int
    n_trained, n_synthetic, n_held_out : int
        Items that trained, items that were made from them, items held out.
    truth : str
        What it was judged by: ``audit``, ``gold``, or nothing.
    files : tuple of FileRef
        Predictions, report, and the model where it can be kept.
    """

    kind: ClassVar[str] = "end_model_trained"
    v: ClassVar[int] = 1
    run: str
    labels_run: str
    model: str
    model_sha256: str | None
    seed: int
    n_trained: int
    n_synthetic: int
    n_held_out: int
    truth: str
    files: tuple[FileRef, ...]


@dataclass(frozen=True)
class Exported:
    """Labels left the project; ``metadata`` is the description that was written beside them."""

    kind: ClassVar[str] = "exported"
    v: ClassVar[int] = 1
    run: str
    path: str
    sha256: str
    format: str
    n_items: int
    metadata: FileRef | None = None


@dataclass(frozen=True)
class FigureRecord:
    """A figure that was shown, with its interval; see `wsal.estimation.Estimate`.

    Parameters
    ----------
    group, subject, name, unit, method, design : str
    graded_run : str
        The run of `fit` that it speaks of; empty where it speaks of none.
    value : float, optional
        None where there was no point.
    low, high, level : float
    n_draws, n_answers : int
    """

    group: str
    subject: str
    name: str
    unit: str
    graded_run: str
    value: float | None
    low: float
    high: float
    level: float
    n_draws: int
    n_answers: int
    method: str
    design: str


@dataclass(frozen=True)
class Estimated:
    """What was said of the quality of rules and labels, and on which answers.

    Parameters
    ----------
    run : str
        The last run of `fit`.
    answers_seq : int
        The answers were those that stood after this row of the ledger.
    figures : tuple of FigureRecord
    """

    kind: ClassVar[str] = "estimated"
    v: ClassVar[int] = 1
    run: str
    answers_seq: int
    figures: tuple[FigureRecord, ...]


@dataclass(frozen=True)
class ItemsSetApart:
    """People said that items are no duplicates of others, whatever is found; or took that back.

    Parameters
    ----------
    items : tuple of str or int
    apart : bool
        False: they belong again to the groups that they are found in.
    """

    kind: ClassVar[str] = "items_set_apart"
    v: ClassVar[int] = 1
    items: tuple[ItemId, ...]
    apart: bool


@dataclass(frozen=True)
class ItemsReturned:
    """Items that were set aside, since nobody could label them, may be asked for again."""

    kind: ClassVar[str] = "items_returned"
    v: ClassVar[int] = 1
    items: tuple[ItemId, ...]


Payload: TypeAlias = (
    ProjectCreated
    | RulesLoaded
    | RuleEdited
    | DataLoaded
    | RunApplied
    | RunFitted
    | BatchDrawn
    | AnswerGiven
    | AnswerUndone
    | AnswersImported
    | EndModelTrained
    | Exported
    | Estimated
    | GuardsRestored
    | ItemsSetApart
    | ItemsReturned
    | Sealed
    | ClassesChanged
    | PersonErased
    | PeopleLeftOut
)

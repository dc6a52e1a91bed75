"""The audit room: what is an event, how events are chained by hashes, and how a chain is verified.

Pure: it knows no database and no files. `wsal.store` keeps the events.
"""

from wsal.audit.answer_payloads import (
    OUTCOMES,
    PURPOSES,
    AnswerGiven,
    AnswersImported,
    AnswerUndone,
    BatchDrawn,
    DrawRecord,
    ImportedAnswer,
    Outcome,
    Purpose,
)
from wsal.audit.canonical import Json, canonical, parse, plain
from wsal.audit.chain import GENESIS, Finding, FindingKind, Head, LedgerRow, VerificationReport, link, verify
from wsal.audit.events import KINDS, Event, utc_now
from wsal.audit.payloads import (
    DataLoaded,
    EndModelTrained,
    Estimated,
    Exported,
    FigureRecord,
    FileRef,
    GuardsRestored,
    ItemsReturned,
    ItemsSetApart,
    Payload,
    ProjectCreated,
    RuleRef,
    RulesLoaded,
    RuleVersion,
    RunApplied,
    RunFitted,
)
from wsal.audit.records import read_record

__all__ = [
    "GENESIS",
    "KINDS",
    "OUTCOMES",
    "PURPOSES",
    "AnswerGiven",
    "AnswerUndone",
    "AnswersImported",
    "BatchDrawn",
    "DataLoaded",
    "DrawRecord",
    "EndModelTrained",
    "Estimated",
    "Event",
    "Exported",
    "FigureRecord",
    "FileRef",
    "Finding",
    "FindingKind",
    "GuardsRestored",
    "Head",
    "ImportedAnswer",
    "ItemsReturned",
    "ItemsSetApart",
    "Json",
    "LedgerRow",
    "Outcome",
    "Payload",
    "ProjectCreated",
    "Purpose",
    "RuleRef",
    "RuleVersion",
    "RulesLoaded",
    "RunApplied",
    "RunFitted",
    "VerificationReport",
    "canonical",
    "link",
    "parse",
    "plain",
    "read_record",
    "utc_now",
    "verify",
]

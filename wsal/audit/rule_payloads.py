"""What people did to rules in the workbench."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final, Literal, TypeAlias

from wsal.errors import DataError

__all__ = ["RULE_ACTIONS", "RuleAction", "RuleEdited"]

RuleAction: TypeAlias = Literal["made", "changed", "retired"]

RULE_ACTIONS: Final[tuple[RuleAction, ...]] = ("made", "changed", "retired")


@dataclass(frozen=True)
class RuleEdited:
    """A person made, changed or retired a rule, and said why; the file of its pack is written.

    Parameters
    ----------
    rule : str
        Its id.
    action : {"made", "changed", "retired"}
    reason : str
    before, after : str, optional
        Fingerprints of the version that was there, and of the one that is; of the first bin where there are bins.
    file : str
        The pack.
    file_sha256 : str
        Of the pack's bytes after the edit.
    """

    kind: ClassVar[str] = "rule_edited"
    v: ClassVar[int] = 1
    rule: str
    action: RuleAction
    reason: str
    before: str | None
    after: str | None
    file: str
    file_sha256: str

    def __post_init__(self) -> None:
        if self.action not in RULE_ACTIONS:
            raise DataError(f"{self.action!r} is nothing that is done to a rule")
        if not self.reason.strip():
            raise DataError(f"rule {self.rule!r} was {self.action} without a reason", hint="say why")

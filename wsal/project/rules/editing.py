"""Saving and retiring rules: the file of the pack, and the ledger, which keeps who did it and why."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass
from pathlib import Path

from wsal.audit import RuleAction, RuleEdited, RulesLoaded
from wsal.errors import InputError, StoreError
from wsal.lf import Rule
from wsal.lf.drafts import with_author
from wsal.project.history import History
from wsal.project.rules.changes import rules_as_written
from wsal.project.rules.loading import rule_version
from wsal.project.rules.rulebook import Rulebook, WrittenPack
from wsal.store import write_atomically

__all__ = ["PackChangedError", "RuleEditor", "SavedRule"]

_MOST_REASON = 2_000


class PackChangedError(InputError):
    """The file of a pack is not the one that the edit began with."""


@dataclass(frozen=True)
class SavedRule:
    """A rule that was made, changed or retired.

    Parameters
    ----------
    rule : str
    action : {"made", "changed", "retired"}
    version : bool
        Whether its votes may now differ: a change of its reason, author or tests alone makes no version.
    pack : str
    sha256 : str
        Of the pack's bytes now.
    """

    rule: str
    action: RuleAction
    version: bool
    pack: str
    sha256: str


class RuleEditor:
    """Writes packs, one edit at a time.

    Parameters
    ----------
    rulebook : Rulebook
    history : History
    lock : Lock
        Held while a pack is written.
    """

    def __init__(self, rulebook: Rulebook, history: History, lock: threading.Lock) -> None:
        self._book = rulebook
        self._history = history
        self._lock = lock

    def save(
        self, text: str, *, pack: str, rule: str | None, sha256: str, reason: str, author: str
    ) -> SavedRule:
        """Write a rule into its pack; comments and all that is not this rule stay as they are.

        Parameters
        ----------
        text : str
            Of the rule; its author becomes the one given.
        pack : str
        rule : str or None
            The id of the rule that it replaces; None for a new one.
        sha256 : str
            Of the pack's bytes when the edit began.
        reason : str
        author : str

        Raises
        ------
        PackError
            The text is no rule, with the place.
        PackChangedError
            Somebody changed the pack meanwhile.
        InputError
            No reason, a rule that runs code, or the packs cannot be used with this rule.
        """
        _require_reason(reason)
        with self._lock:
            written = self._same(pack, sha256)
            if rule is not None and self._require_open(rule) != pack:
                raise InputError(f"rule {rule!r} does not stand in {pack}", hint="load the page again")
            draft = self._book.draft(text, pack=pack, rule=rule)
            signed = with_author(draft, author)
            self._book.draft(signed, pack=pack, rule=rule)
            edited = written.text.appended(signed) if rule is None else written.text.replaced(rule, signed)
            return self._write(
                written, edited, draft.rule_id, "made" if rule is None else "changed", reason, author
            )

    def retire(self, rule: str, *, sha256: str, reason: str, author: str) -> SavedRule:
        """Take a rule out of its pack; its versions and its votes in past runs stay.

        Raises
        ------
        PackChangedError
            Somebody changed the pack meanwhile.
        InputError
            No reason, a rule that runs code or that another refers to, or the only one of its pack.
        """
        _require_reason(reason)
        with self._lock:
            known = self._require_open(rule)
            written = self._same(known, sha256)
            return self._write(written, written.text.without(rule), rule, "retired", reason, author)

    def _require_open(self, rule: str) -> str:
        known = self._book.rules().get(rule)
        if known is None:
            raise InputError(f"there is no rule {rule!r} in the packs", hint="somebody may have retired it")
        if known.locked:
            raise InputError(f"rule {rule!r} cannot be edited here: {known.locked}")
        return known.pack

    def _same(self, pack: str, sha256: str) -> WrittenPack:
        written = self._book.pack(pack)
        if written.sha256 != sha256:
            raise PackChangedError(
                f"{pack} was changed since this page was loaded",
                hint="copy your text, and load the page again",
            )
        return written

    def _write(
        self, pack: WrittenPack, edited: str, rule: str, action: RuleAction, reason: str, author: str
    ) -> SavedRule:
        """Write the file, see that all packs can be used, and tell the ledger; or leave everything as it was."""
        before = {r.source_id: r for r in reversed(rules_as_written(self._book.config))}.get(rule)
        old = pack.path.read_bytes()
        if hashlib.sha256(old).hexdigest() != pack.sha256:
            raise PackChangedError(f"{pack.name} was changed just now", hint="load the page again")
        mark = "\ufeff" if old.startswith(b"\xef\xbb\xbf") else ""
        digest = _put(pack.path, (mark + edited).encode())
        try:
            rules = rules_as_written(self._book.config)
            after = {r.source_id: r for r in reversed(rules)}.get(rule)
            self._history.append(
                RulesLoaded(tuple(map(rule_version, rules))),
                RuleEdited(rule, action, reason.strip(), _print(before), _print(after), pack.name, digest),
                actor=author,
            )
        except (InputError, StoreError):
            _put(pack.path, old)
            raise
        return SavedRule(rule, action, _print(before) != _print(after), pack.name, digest)


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise InputError("say why, in a few words", hint="the reason stays with this version of the rule")
    if len(reason) > _MOST_REASON:
        raise InputError(f"the reason has {len(reason)} characters; {_MOST_REASON} are the most")


def _print(rule: Rule | None) -> str | None:
    return None if rule is None else rule.fingerprint


def _put(path: Path, content: bytes) -> str:
    def write(temporary: Path) -> None:
        temporary.write_bytes(content)

    return write_atomically(path.resolve(), write)  # a link stays a link

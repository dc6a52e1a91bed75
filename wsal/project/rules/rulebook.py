"""The rulebook: the packs of a project as they are written, for whoever reads and edits them in the workbench."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wsal.config import Config
from wsal.errors import InputError, PackError, did_you_mean
from wsal.items import Items
from wsal.lf import RuleTestResult, pack_files, run_rule_tests
from wsal.lf.drafts import Draft, at_draft, locked_because, read_draft, refuse
from wsal.lf.pack_text import PackText
from wsal.lf.schema_errors import validate_pack
from wsal.project.rules.loading import require_columns

__all__ = ["Rulebook", "WrittenPack", "WrittenRule"]


@dataclass(frozen=True, eq=False)
class WrittenPack:
    """A pack as it is on disk.

    Parameters
    ----------
    name : str
        Its path in the project.
    path : Path
    sha256 : str
        Of its bytes.
    text : PackText
    """

    name: str
    path: Path
    sha256: str
    text: PackText


@dataclass(frozen=True)
class WrittenRule:
    """A rule as it is on disk.

    Parameters
    ----------
    name : str
        Its id.
    pack : str
    sha256 : str
        Of the pack's bytes.
    line : int
    text : str
        As it is written, without its indentation.
    locked : str
        Why it cannot be edited here; empty where it can.
    """

    name: str
    pack: str
    sha256: str
    line: int
    text: str
    locked: str


class Rulebook:
    """The packs of a project, each read again when its file changed; safe to share between threads.

    Parameters
    ----------
    config : Config
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        self._read: dict[Path, WrittenPack] = {}

    def packs(self) -> tuple[WrittenPack, ...]:
        """Return the packs.

        Raises
        ------
        InputError
            There are none, or one cannot be read.
        """
        return tuple(self._pack(file) for path in self.config.rule_paths for file in pack_files(path))

    def pack(self, name: str) -> WrittenPack:
        """Return a pack by its name, which is looked up and never opened.

        Raises
        ------
        InputError
            There is none of that name.
        """
        packs = {pack.name: pack for pack in self.packs()}
        if name not in packs:
            raise InputError(f"there is no pack {name!r}", hint=did_you_mean(name, packs))
        return packs[name]

    def rules(self) -> dict[str, WrittenRule]:
        """Return the rules by their ids, in the order of the packs."""
        return {
            rule: WrittenRule(
                rule,
                pack.name,
                pack.sha256,
                pack.text.line(rule),
                pack.text.rule_text(rule),
                locked_because(rule, pack.text),
            )
            for pack in self.packs()
            for rule in pack.text.ids
        }

    def draft(self, text: str, *, pack: str, rule: str | None, items: Items | None = None) -> Draft:
        """Read the text of a rule that stands in a pack, or shall stand in it.

        Parameters
        ----------
        text : str
        pack : str
        rule : str or None
            The id of the rule that it replaces; None for a new one.
        items : Items, optional
            The data, whose columns it may read.

        Raises
        ------
        PackError
            With a line and column of the text.
        """
        written = self.pack(pack)
        draft = read_draft(
            text,
            written.text,
            folder=written.path.parent,
            text_column=self.config.text_column or "text",
            labels=self.config.labels,
            vocabulary=self.config.vocabulary,
        )
        if not draft.rules:
            refuse(
                f"rule {draft.rule_id!r} says nothing of {' or '.join(self.config.labels)}",
                draft,
                "id",
                "edit it in the project of the label that it speaks of",
            )
        if rule is not None and draft.rule_id != rule:
            refuse(
                f"the id was {rule!r}: a rule keeps it, with its past",
                draft,
                "id",
                "put it back; or make a new rule, and retire this one",
            )
        if rule is None and any(draft.rule_id in known.text.rules for known in self.packs()):
            refuse(f"there is a rule {draft.rule_id!r} already", draft, "id", "choose another id")
        if items is not None:
            try:
                require_columns(draft.rules, items, self.config.data_path)
            except InputError as error:
                raise at_draft(error, draft) from error
        return draft

    def tests(self, rule: WrittenRule) -> tuple[RuleTestResult, ...]:
        """Run the tests of a rule that runs no code; none for one that does, or that cannot be read."""
        if rule.locked:
            return ()
        try:
            return run_rule_tests(self.draft(rule.text, pack=rule.pack, rule=rule.name).rules)
        except InputError:
            return ()

    def schema_facts(self, items: Items | None) -> Mapping[str, Any]:
        """Return what completion offers: the keys of rules and conditions, labels, columns and rules."""
        from wsal.lf import pack_schema

        parts = pack_schema()["$defs"]
        keys = {name: sorted(part.get("properties", {})) for name, part in parts.items()}
        kinds = {
            name: facts.get("description", "")
            for model, facts in ((m, f) for m, f in parts.items() if m not in {"RuleModel", "TestsModel"})
            for name in [facts.get("required", [""])[0] if facts.get("required") else ""]
            if name and model.endswith("Model")
        }
        return {
            "rule": keys.get("RuleModel", []),
            "tests": keys.get("TestsModel", []),
            "kinds": {kind: what for kind, what in kinds.items() if kind not in {"python", "model"}},
            "options": sorted(
                {key for names in keys.values() for key in names} - {"python", "model", "args"}
            ),
            "labels": list(self.config.labels),
            "columns": [] if items is None else list(items.columns),
            "rules": list(self.rules()),
        }

    def _pack(self, file: Path) -> WrittenPack:
        try:
            raw = file.read_bytes()
        except OSError as error:
            raise PackError(
                f"{file} cannot be read: {error.strerror}", hint="check its permissions"
            ) from error
        digest = hashlib.sha256(raw).hexdigest()
        known = self._read.get(file)
        if known is not None and known.sha256 == digest:
            return known
        from wsal.lf.yaml_source import read_yaml

        source = read_yaml(file)
        validate_pack(source)
        root = self.config.folder
        name = str(file.resolve().relative_to(root)) if file.resolve().is_relative_to(root) else str(file)
        pack = WrittenPack(name, file, digest, PackText(source))
        self._read[file] = pack
        return pack

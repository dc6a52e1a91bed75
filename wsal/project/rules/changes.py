"""Which rules are no longer those of a run of `apply`, found without running any code of a pack."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from wsal.audit import RunApplied
from wsal.config import Config
from wsal.errors import InputError
from wsal.lf import Rule, pack_files
from wsal.lf.resources import PackFolder
from wsal.lf.rule_builder import RuleBuilder
from wsal.lf.schema_errors import validate_pack
from wsal.lf.yaml_source import read_yaml
from wsal.types import LabelSpace

__all__ = ["build_without_code", "changed_rules", "rules_as_written"]


def changed_rules(config: Config, applied: RunApplied) -> tuple[str, ...]:
    """Note which rules were edited, added or removed after a run of `apply`.

    No code of a pack is run: the file of a ``python:`` rule is read and hashed, which is what its fingerprint
    is made of. Where packs cannot be compared (one is broken, or the settings refuse code) the note says why.
    """
    try:
        now = _fingerprints(config)
    except InputError as error:
        reason = str(error).splitlines()[0]
        return (f"the rules could not be compared with run {applied.run}: {reason}",)
    then = {rule.name: rule.fingerprint for rule in applied.rules}
    changed = sorted(name for name in now.keys() | then.keys() if now.get(name) != then.get(name))
    if not changed:
        return ()
    return (f"rules changed after run {applied.run}: {', '.join(changed)}; run `wsal apply` to use them",)


class _ReadOnly(PackFolder):
    """The folder of a pack whose code is read and hashed, but not run."""

    def function(self, name: str) -> tuple[Callable[..., Any], str]:
        """Return a function that is not the one named, and the SHA-256 of the file of the one named."""
        path = self.path.joinpath(*name.partition(":")[0].split(".")).with_suffix(".py")
        source = self._text(path, str(path.relative_to(self.path)))
        return _never_called, hashlib.sha256(source.encode()).hexdigest()


def _never_called(*_: object, **__: object) -> NoReturn:
    raise AssertionError("rules that are only compared do not vote")


def rules_as_written(config: Config) -> tuple[Rule, ...]:
    """Return the rules as they are now written, of which none that runs code may be asked to vote.

    Raises
    ------
    InputError
        A pack cannot be used.
    """
    found: list[Rule] = []
    for file in (file for path in config.rule_paths for file in pack_files(path)):
        found += build_without_code(file, config)
    return tuple(found)


def build_without_code(
    file: Path, config: Config, *, labels: LabelSpace | None = None, folder: Path | None = None
) -> tuple[Rule, ...]:
    """Build the rules of a pack without running any code of it; they can be looked at, but not vote.

    Parameters
    ----------
    file : Path
    config : Config
    labels : LabelSpace, optional
        Those of the settings, where not given.
    folder : Path, optional
        Where the files are that the pack names; its own where not given.

    Raises
    ------
    PackError
        The pack cannot be used.
    """
    source = read_yaml(file)
    builder = RuleBuilder(
        source,
        validate_pack(source),
        _ReadOnly(folder or file.parent),
        text=config.text_column or "text",
        labels=labels or config.labels,
        allow_python=config.allow_python,
        vocabulary=config.vocabulary,
    )
    return builder.build()


def _fingerprints(config: Config) -> dict[str, str | None]:
    """Return the fingerprint that each rule of the project has now, by name."""
    return {rule.name: rule.fingerprint for rule in rules_as_written(config)}

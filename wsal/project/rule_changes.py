"""Which rules are no longer those of a run of `apply`, found without running any code of a pack."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any, NoReturn

from wsal.audit import RunApplied
from wsal.config import Config
from wsal.errors import InputError
from wsal.lf import pack_files
from wsal.lf.resources import PackFolder
from wsal.lf.rule_builder import RuleBuilder
from wsal.lf.schema_errors import validate_pack
from wsal.lf.yaml_source import read_yaml

__all__ = ["changed_rules"]


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


def _fingerprints(config: Config) -> dict[str, str | None]:
    """Return the fingerprint that each rule of the project has now, by name."""
    found: dict[str, str | None] = {}
    for file in (file for path in config.rule_paths for file in pack_files(path)):
        source = read_yaml(file)
        builder = RuleBuilder(
            source,
            validate_pack(source),
            _ReadOnly(file.parent),
            text=config.text_column or "text",
            labels=config.labels,
            allow_python=config.allow_python,
        )
        found |= {rule.name: rule.fingerprint for rule in builder.build()}
    return found

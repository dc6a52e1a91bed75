"""Rule packs: reading them from files and folders."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from wsal.errors import InputError, PackError, did_you_mean
from wsal.lf.conditions import (
    ModelCondition,
    ModelVotes,
    NarrowedVotes,
    PythonCondition,
    PythonVotes,
    leaves,
)
from wsal.lf.labeling_function import LabelingFunction
from wsal.lf.rule import Rule
from wsal.lf.rule_tests import RuleTestResult, run_rule_tests
from wsal.types import LabelSpace

if TYPE_CHECKING:
    from wsal.lf.resources import PackFile

__all__ = ["PackCheck", "RulePack", "check_pack", "load_pack", "load_packs", "load_rules", "pack_files"]

SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True)
class RulePack:
    """One file of rules.

    Parameters
    ----------
    path : Path
    task : str or None
    labels : LabelSpace or None
        The pack's, or the task's it was loaded for.
    rules : tuple of Rule
        In the order of the file.
    text : str
        The whole file.
    files : tuple of PackFile
        Files beside the pack that its rules read: code and lists.
    """

    path: Path
    task: str | None
    labels: LabelSpace | None
    rules: tuple[Rule, ...]
    text: str
    files: tuple[PackFile, ...]

    @property
    def python_rules(self) -> tuple[str, ...]:
        """Names of the rules that run code."""
        return tuple(rule.name for rule in self.rules if _runs_code(rule))

    @property
    def runs_code(self) -> bool:
        """Whether any rule runs code from a file beside the pack."""
        return bool(self.python_rules)


@dataclass(frozen=True)
class PackCheck:
    """A pack that could be read, and what its rules' tests said.

    Parameters
    ----------
    pack : RulePack
    results : tuple of RuleTestResult
    """

    pack: RulePack
    results: tuple[RuleTestResult, ...]

    @property
    def failed(self) -> tuple[RuleTestResult, ...]:
        """The tests that did not pass."""
        return tuple(result for result in self.results if not result.passed)


def load_pack(
    path: str | PathLike[str],
    *,
    allow_python: bool = True,
    text: str = "text",
    labels: LabelSpace | Sequence[str] | None = None,
    vocabulary: LabelSpace | None = None,
    folder: Path | None = None,
) -> RulePack:
    """Read one rule pack.

    Parameters
    ----------
    path : path
        A YAML file.
    allow_python : bool
        False refuses a pack that runs code, before any of it runs.
    text : str
        Column that conditions read where they name no field, unless the pack names one with ``text:``.
    labels : LabelSpace or sequence of str, optional
        The task's labels; the pack may not use others.
    vocabulary : LabelSpace, optional
        All labels that the pack may use, where it serves several tasks; rules that say nothing of this task's are
        left out.
    folder : Path, optional
        Where the files are that it names; the folder of the pack where not given.

    Raises
    ------
    PackError
        With file, line, column, the line itself and a hint.
    """
    from wsal.lf.resources import PackFolder
    from wsal.lf.rule_builder import RuleBuilder
    from wsal.lf.schema_errors import validate_pack
    from wsal.lf.yaml_source import read_yaml

    file = Path(path)
    source = read_yaml(file)
    beside = PackFolder(folder or file.parent)
    builder = RuleBuilder(
        source,
        validate_pack(source),
        beside,
        text=text,
        labels=None if labels is None else LabelSpace.of(labels),
        allow_python=allow_python,
        vocabulary=vocabulary,
    )
    rules = builder.build()
    return RulePack(file, source.data.get("task"), builder.labels, rules, source.text, beside.files)


def load_rules(
    path: str | PathLike[str],
    *,
    allow_python: bool = True,
    text: str = "text",
    labels: LabelSpace | Sequence[str] | None = None,
) -> list[LabelingFunction]:
    """Read the rules of a pack, or of all packs in a folder and below it, in the order of their paths.

    Parameters
    ----------
    path : path
        A YAML file, or a folder of ``*.yaml`` and ``*.yml``.
    allow_python, text, labels
        As `load_pack`.

    Raises
    ------
    PackError
        As `load_pack`; also two packs with one rule id, or with different labels.
    """
    packs = load_packs(path, allow_python=allow_python, text=text, labels=labels)
    return [rule for pack in packs for rule in pack.rules]


def load_packs(
    path: str | PathLike[str],
    *,
    allow_python: bool = True,
    text: str = "text",
    labels: LabelSpace | Sequence[str] | None = None,
    vocabulary: LabelSpace | None = None,
) -> list[RulePack]:
    """Read a pack, or all packs in a folder and below it; arguments and errors as `load_pack` and `load_rules`."""
    packs: list[RulePack] = []
    seen: dict[str, Rule] = {}
    space = None if labels is None else LabelSpace.of(labels)
    first: RulePack | None = None
    for file in pack_files(path):
        pack = load_pack(file, allow_python=allow_python, text=text, labels=space, vocabulary=vocabulary)
        first = _same_labels(first, pack)
        for rule in pack.rules:
            if rule.name in seen:
                raise PackError(
                    f"rule id {rule.name!r} stands twice; first at {seen[rule.name].location}",
                    location=rule.location,
                    hint="rename one of the two rules",
                )
            seen[rule.name] = rule
        packs.append(pack)
    return packs


def check_pack(
    path: str | PathLike[str],
    *,
    allow_python: bool = True,
    text: str = "text",
    labels: LabelSpace | Sequence[str] | None = None,
    vocabulary: LabelSpace | None = None,
) -> PackCheck:
    """Read one rule pack and run its tests.

    Parameters
    ----------
    path, allow_python, text, labels, vocabulary
        As `load_pack`.

    Raises
    ------
    PackError
        As `load_pack`. A test that fails is no error: see ``failed``.
    """
    pack = load_pack(path, allow_python=allow_python, text=text, labels=labels, vocabulary=vocabulary)
    return PackCheck(pack, run_rule_tests(pack.rules))


def pack_files(path: str | PathLike[str]) -> list[Path]:
    """Return the packs that a path names: itself, or the YAML files in the folder and below it, sorted.

    Files and folders whose name starts with a dot are passed over.

    Raises
    ------
    InputError
        Nothing is there, or no YAML file.
    """
    given = Path(path)
    if given.is_dir():
        files = [
            file
            for file in sorted(given.rglob("*"))
            if file.suffix in SUFFIXES
            and file.is_file()
            and not any(part.startswith(".") for part in file.relative_to(given).parts)
        ]
        if not files:
            raise InputError(
                f"there is no rule pack in {given}", hint="put a file rules.yaml there; see 'wsal init'"
            )
        return files
    if not given.is_file():
        near = [str(found) for found in _beside(given)]
        raise InputError(
            f"there is no file or folder {str(given)!r}",
            hint=did_you_mean(str(given), near) or "check the path",
        )
    if given.suffix not in SUFFIXES:
        raise InputError(f"{str(given)!r} is no rule pack", hint="a rule pack is a .yaml or .yml file")
    return [given]


def _beside(path: Path) -> Iterator[Path]:
    if path.parent.is_dir():
        yield from sorted(path.parent.iterdir())


def _same_labels(first: RulePack | None, pack: RulePack) -> RulePack | None:
    if pack.labels is None:
        return first
    if first is not None and first.labels is not None and first.labels != pack.labels:
        raise PackError(
            f"{pack.path} has labels {', '.join(pack.labels)}, "
            f"but {first.path} has {', '.join(first.labels)}",
            location=pack.rules[0].location if pack.rules else None,
            hint="write the same labels in the same order in all packs of a task",
        )
    return first or pack


def _runs_code(rule: Rule) -> bool:
    if rule.condition is not None:
        return any(isinstance(leaf, PythonCondition | ModelCondition) for leaf in leaves(rule.condition))
    source = rule.source.source if isinstance(rule.source, NarrowedVotes) else rule.source
    return isinstance(source, PythonVotes | ModelVotes)

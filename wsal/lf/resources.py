"""What a pack names beside itself: list files and Python functions, taken from the pack's folder alone."""

from __future__ import annotations

import csv
import hashlib
import importlib.util
import io
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from wsal.errors import did_you_mean

__all__ = ["MAX_LIST_BYTES", "MODULE_PREFIX", "CsvRows", "PackFile", "PackFolder", "ResourceError"]

MAX_LIST_BYTES: Final = 100_000_000

MODULE_PREFIX: Final = "_wsal_pack_"
"""How modules of packs are called, which no other process can import by name."""

_FUNCTION = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*", re.ASCII)
_OUTSIDE_HINT: Final = "put the file into the pack's folder, or link it from there"


class ResourceError(Exception):
    """Something beside the pack cannot be used; the caller knows where the pack names it."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


@dataclass(frozen=True)
class PackFile:
    """A file that a pack read.

    Parameters
    ----------
    path : Path
    sha256 : str
        Of its bytes.
    text : str, optional
        Of code. Lists are named by their hash alone: they may hold persons.
    """

    path: Path
    sha256: str
    text: str | None = None


@dataclass(frozen=True, eq=False)
class CsvRows:
    """A CSV file beside the pack.

    Parameters
    ----------
    name : str
        As the pack names it.
    header : tuple of str
    rows : tuple of tuple of str
        Every row as long as the header.
    source_hash : str
        sha256 of the file.
    """

    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    source_hash: str

    def column(self, name: str) -> list[str]:
        """Return the cells of a column.

        Raises
        ------
        ResourceError
            There is no such column.
        """
        if name not in self.header:
            hint = did_you_mean(name, self.header) or f"its columns are {', '.join(self.header)}"
            raise ResourceError(f"{self.name!r} has no column {name!r}", hint)
        index = self.header.index(name)
        return [row[index] for row in self.rows]


@dataclass(eq=False)
class PackFolder:
    """The folder of a pack; each file is read once.

    Parameters
    ----------
    path : Path
    """

    path: Path
    _modules: dict[Path, tuple[ModuleType, str]] = field(default_factory=dict, repr=False)
    _read: dict[Path, PackFile] = field(default_factory=dict, repr=False)

    @property
    def files(self) -> tuple[PackFile, ...]:
        """What was read so far, in the order of the paths."""
        return tuple(self._read[path] for path in sorted(self._read))

    def entries(self, name: str) -> frozenset[str]:
        """Read the entries of ``file.csv:column`` or ``file.txt``, without white space around them.

        Raises
        ------
        ResourceError
            No such file or column, not UTF-8, or no entries.
        """
        file_name, colon, column = name.rpartition(":") if ".csv:" in name else (name, "", "")
        path = self._inside(file_name)
        suffix = path.suffix.lower()
        if suffix == ".csv" and not colon:
            raise ResourceError(
                f"the list {name!r} names no column", f'write the column after a colon: "{name}:email"'
            )
        if suffix not in {".csv", ".txt"}:
            raise ResourceError(
                f"the list {name!r} is neither a .txt nor a .csv file",
                'write "names.txt", "names.csv:column", or the entries themselves: [ana, ben]',
            )
        from_text = suffix == ".txt"
        values = self._text(path, file_name).splitlines() if from_text else self.csv(file_name).column(column)
        entries = frozenset(stripped for value in values if (stripped := value.strip()))
        if not entries:
            raise ResourceError(f"the list {name!r} has no entries", "add an entry, or remove the rule")
        return entries

    def csv(self, name: str) -> CsvRows:
        """Read a CSV file with a header: UTF-8, commas.

        Raises
        ------
        ResourceError
            No such file, not UTF-8, or no CSV.
        """
        path = self._inside(name)
        if path.suffix.lower() != ".csv":
            raise ResourceError(f"{name!r} is no .csv file", "name a CSV file with a header, in UTF-8")
        text = self._text(path, name)
        header, *rows = _csv_rows(text, name)
        return CsvRows(name, header, tuple(rows), hashlib.sha256(text.encode()).hexdigest())

    def function(self, name: str) -> tuple[Callable[..., Any], str]:
        """Load ``module:function`` from a file of this folder.

        Returns
        -------
        function : callable
        source_hash : str
            sha256 of the file.

        Raises
        ------
        ResourceError
            No such file or function, or the file cannot be run.
        """
        if not _FUNCTION.fullmatch(name):
            raise ResourceError(
                f"{name!r} is no function", 'write "module:function", for a file module.py beside the pack'
            )
        module_name, _, function_name = name.partition(":")
        path = self.path.joinpath(*module_name.split(".")).with_suffix(".py")
        module, source_hash = self._module(path)
        function = getattr(module, function_name, None)
        if function is None:
            known = [word for word, value in vars(module).items() if callable(value)]
            raise ResourceError(
                f"{path.name} has no function {function_name!r}",
                did_you_mean(function_name, known) or f"define it in {path.name}",
            )
        if not callable(function):
            raise ResourceError(f"{name!r} is a {type(function).__name__}, not a function", "name a function")
        return function, source_hash

    def _module(self, path: Path) -> tuple[ModuleType, str]:
        if path in self._modules:
            return self._modules[path]
        relative = str(path.relative_to(self.path))
        source = self._text(path, relative)
        source_hash = hashlib.sha256(source.encode()).hexdigest()
        # A name of its own: two packs may both have a my_rules.py. Classes need their module to be
        # registered.
        place = hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:12]
        name = f"{MODULE_PREFIX}{place}_{source_hash[:12]}_{path.stem}"
        spec = importlib.util.spec_from_file_location(name, path)
        if spec is None or spec.loader is None:
            raise ResourceError(f"{relative} cannot be loaded", "name a .py file")
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        try:
            # The bytes that were hashed are the bytes that run, with no compiled file left beside the pack.
            exec(compile(source, str(path), "exec", dont_inherit=True), vars(module))  # noqa: S102  # what `python:` is for
        except (Exception, SystemExit) as error:
            del sys.modules[name]
            line = getattr(error, "lineno", None) or _last_line(error, str(path))
            where = f", line {line}" if line else ""
            raise ResourceError(
                f"{relative}{where}: {type(error).__name__}: {error}", f"mend {relative}"
            ) from error
        self._modules[path] = module, source_hash
        return module, source_hash

    def _inside(self, name: str) -> Path:
        relative = Path(name)
        if relative.is_absolute() or ".." in relative.parts:
            raise ResourceError(f"{name!r} lies outside the pack's folder", _OUTSIDE_HINT)
        return self.path / relative

    def _text(self, path: Path, name: str) -> str:
        if not path.is_file():
            close = did_you_mean(name, self._files(path.suffix))
            raise ResourceError(
                f"there is no file {name!r} in {self.path}",
                close or "check the name; it is taken from the pack's folder",
            )
        if path.stat().st_size > MAX_LIST_BYTES:
            raise ResourceError(f"{name!r} is larger than {MAX_LIST_BYTES} bytes", "make the list shorter")
        try:
            raw = path.read_bytes()
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise ResourceError(
                f"{name!r} is not UTF-8 (at byte {error.start})", "save it as UTF-8"
            ) from error
        except OSError as error:
            raise ResourceError(
                f"{name!r} cannot be read: {error.strerror}", "check its permissions"
            ) from error
        kept = text if path.suffix == ".py" else None
        self._read[path] = PackFile(path, hashlib.sha256(raw).hexdigest(), kept)
        return text

    def _files(self, suffix: str) -> list[str]:
        return [str(found.relative_to(self.path)) for found in sorted(self.path.rglob(f"*{suffix}"))[:1000]]


def _csv_rows(text: str, name: str) -> list[tuple[str, ...]]:
    """Return the header and the rows of a CSV file; blank lines are passed over."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = tuple(next(reader, []))
        rows = [header]
        for row in reader:
            if row and len(row) != len(header):
                raise ResourceError(
                    f"{name!r}, line {reader.line_num}: {len(row)} cells under {len(header)} columns",
                    "put a cell that holds a comma in double quotes",
                )
            if row:
                rows.append(tuple(row))
    except csv.Error as error:
        raise ResourceError(
            f"{name!r}, line {reader.line_num}: bad CSV: {error}", "check its quotes"
        ) from error
    return rows


def _last_line(error: BaseException, file: str) -> int | None:
    line, trace = None, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == file:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line

"""What builders of conditions share: where things stand in the pack, and what lies beside it."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import Any, NoReturn, TypeVar

from wsal.errors import PackError
from wsal.lf.conditions.python import PackFunction
from wsal.lf.resources import PackFolder, ResourceError
from wsal.lf.yaml_source import Keys, YamlSource

__all__ = ["PackPlaces"]

T = TypeVar("T")


class PackPlaces:
    """A pack's source and folder, with errors that name the place.

    Parameters
    ----------
    source : YamlSource
        For the places of errors.
    folder : PackFolder
        Where files and functions are found.
    allow_python : bool
    """

    def __init__(self, source: YamlSource, folder: PackFolder, *, allow_python: bool) -> None:
        self.source = source
        self.folder = folder
        self._allow_python = allow_python

    def function(self, name: str, args_given: Mapping[str, Any], path: Keys, *, kind: str) -> PackFunction:
        """Load the function that a ``python:`` or ``model:`` condition names."""
        if not self._allow_python:
            self.fail(
                f"python is not allowed here, and this rule runs {name!r}",
                (*path, kind),
                "leave out --no-python (allow_python=False), or write the rule without code",
                key=True,
            )
        try:
            args = json.dumps(dict(args_given), sort_keys=True, allow_nan=False)
        except (TypeError, ValueError) as error:
            self.fail(
                f"args cannot be used: {error}", (*path, "args"), "use texts as keys, and no NaN or infinity"
            )
        for argument in args_given:
            if not argument.isidentifier():
                self.fail(
                    f"{argument!r} is no name of an argument",
                    (*path, "args", argument),
                    "use a Python name",
                    key=True,
                )
        function, source_hash = self.resource(lambda: self.folder.function(name), (*path, kind))
        return PackFunction(name, function, source_hash, args, tuple(args_given.items()))

    def finite(self, value: float, path: Keys, name: str) -> None:
        """Refuse NaN and infinity as a threshold."""
        if not math.isfinite(value):
            what = "NaN" if math.isnan(value) else "infinity"
            self.fail(
                f"{name} is {what}, which no number can be compared with usefully", path, "write a number"
            )

    def resource(self, read: Callable[[], T], path: Keys) -> T:
        """Read something beside the pack; what is wrong with it is an error at the place that names it."""
        try:
            return read()
        except ResourceError as error:
            raise PackError(error.message, location=self.source.location(path), hint=error.hint) from error

    def fail(self, message: str, path: Keys, hint: str, *, key: bool = False) -> NoReturn:
        """Raise a PackError at a place."""
        raise PackError(message, location=self.source.location(path, key=key), hint=hint)

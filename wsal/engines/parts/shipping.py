"""How a task travels to the processes of a cluster: its functions as code, its rules as data.

Nothing is kept: what is packed here lives as long as the run. Functions of rule packs are sent by their code, as a
worker has no pack; functions of a script likewise; those of an installed module by their name, so the module has to be
there on the workers too.
"""

from __future__ import annotations

import pickle
import sys
from dataclasses import replace
from functools import lru_cache
from typing import Any

from wsal.engines.parts.part_error import PartError, portable
from wsal.errors import InputError
from wsal.lf.resources import MODULE_PREFIX

__all__ = ["pack", "run_packed"]


def pack(task: object) -> bytes:
    """Return a task as bytes.

    Raises
    ------
    InputError
        A function in it holds what cannot be sent: an open file, a lock, a connection.
    """
    import cloudpickle

    for name, module in list(sys.modules.items()):
        if name.startswith(MODULE_PREFIX):
            cloudpickle.register_pickle_by_value(module)
    try:
        return bytes(cloudpickle.dumps(task))
    except Exception as error:  # pickling runs code of the objects
        raise InputError(
            f"the labelling functions cannot be sent to other processes: {type(error).__name__}: {error}",
            hint="open files, connections and models inside the function, or in a preprocessor",
        ) from error


def run_packed(packed: bytes, part: Any) -> Any:  # noqa: ANN401  # as the task
    """Unpack a task, once in a process, and call it on a part."""
    done = _unpacked(packed)(part)
    return replace(done, error=portable(done.error)) if isinstance(done, PartError) else done


@lru_cache(maxsize=2)
def _unpacked(packed: bytes) -> Any:  # noqa: ANN401  # the task
    return pickle.loads(packed)  # noqa: S301  # packed by `pack`, sent over the cluster's own connections

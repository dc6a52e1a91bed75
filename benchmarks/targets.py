"""How a benchmark says whether a target is met, or why it is skipped; `make bench` collects these lines."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import NoReturn

__all__ = ["at_least", "at_most", "shared_data", "skip"]


def shared_data() -> Path:
    """Return the folder of the shared sets; end, without an error, where there is none."""
    if not os.environ.get("WSAL_SHARED_DATA"):
        skip("set WSAL_SHARED_DATA to the folder of the shared sets")
    return Path(os.environ["WSAL_SHARED_DATA"])


def skip(why: str) -> NoReturn:
    """End without an error, and say what is missing."""
    print(f"skipped: {Path(sys.argv[0]).name}: {why}")
    sys.exit(0)


def at_most(what: str, measured: float, target: float, unit: str) -> None:
    """Print the verdict on a target that is an upper limit."""
    missed = f"MISSED by {measured / target - 1:.0%}"
    _say(what, f"at most {target:g} {unit}", measured, "met" if measured <= target else missed)


def at_least(what: str, measured: float, target: float, unit: str) -> None:
    """Print the verdict on a target that is a lower limit."""
    missed = f"MISSED by {1 - measured / target:.0%}"
    _say(what, f"at least {target:g} {unit}", measured, "met" if measured >= target else missed)


def _say(what: str, wanted: str, measured: float, verdict: str) -> None:
    print(f"  target: {what}: {wanted}, measured {measured:.3g}: {verdict}", flush=True)

"""How long a start takes: ``import wsal`` and ``wsal --help``, CPU seconds of a whole process.

Targets (DESIGN §7): 0.1 s and 0.25 s. An empty Python process stands beside them, because it is in both.
Run: ``python benchmarks/startup.py``
"""

from __future__ import annotations

import platform
import resource
import statistics
import subprocess
import sys
from pathlib import Path

from targets import at_most

RUNS = 9
COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "import numpy": [sys.executable, "-c", "import numpy"],
    "import wsal": [sys.executable, "-c", "import wsal"],
    "import wsal, then VoteMatrix": [sys.executable, "-c", "import wsal; wsal.VoteMatrix"],
    "wsal --help": [str(Path(sys.executable).with_name("wsal")), "--help"],
}
TARGETS = {"import wsal": 0.1, "wsal --help": 0.25}


def cpu_seconds(command: list[str]) -> float:
    """Run a command to its end and return the CPU time it took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def main() -> None:
    """Print the table."""
    print(
        f"{platform.machine()}, Python {platform.python_version()}, median of {RUNS} runs after one warm-up"
    )
    print(f"{'':32}{'CPU s':>8}")
    for name, command in COMMANDS.items():
        cpu_seconds(command)
        seconds = statistics.median(cpu_seconds(command) for _ in range(RUNS))
        target = TARGETS.get(name)
        print(f"{name:32}{seconds:8.3f}")
        if target is not None:
            at_most(name, seconds, target, "s")


if __name__ == "__main__":
    main()

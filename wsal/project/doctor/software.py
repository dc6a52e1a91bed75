"""What is installed, held against what wsal asks for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, metadata, requires, version

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from wsal.project.doctor.reading import Reading
from wsal.project.runs.circumstances import software_here

__all__ = ["extras_readings", "software_readings"]

_DEVELOPERS = ("dev", "docs", "peers")


def software_readings() -> Iterator[Reading]:
    """Say which versions compute votes and labels, and which requirements are not met."""
    found = {entry.name: entry.version for entry in software_here()}
    yield Reading("software", "ok", ", ".join(f"{name} {v}" for name, v in found.items()), figures=found)
    try:
        asked = requires("wsal") or ()
    except PackageNotFoundError:
        yield Reading(
            "software",
            "note",
            "wsal runs from a folder that is not installed",
            "pip install wsal, to have versions checked",
        )
        return
    for requirement in map(Requirement, asked):
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            lacking = _lacking(requirement)
            if lacking:
                yield Reading("software", "problem", lacking, f"pip install '{_plain(requirement)}'")


def extras_readings(needed: Sequence[str] = ()) -> Iterator[Reading]:
    """Say which extras are installed; one that the project needs and that is missing is a problem.

    Parameters
    ----------
    needed : sequence of str
        Extras that the settings ask for.
    """
    try:
        about = metadata("wsal")
    except PackageNotFoundError:
        return
    asked = [Requirement(text) for text in about.get_all("Requires-Dist") or ()]
    extras = [name for name in about.get_all("Provides-Extra") or () if name not in _DEVELOPERS]
    missing = [name for name in extras if any(_lacking(r) for r in asked if _brings(name, r))]
    there = [name for name in extras if name not in missing]
    yield Reading(
        "extras",
        "ok",
        f"installed: {', '.join(there) or 'none'}; not installed: {', '.join(missing) or 'none'}",
        figures={name: "installed" if name in there else "missing" for name in extras},
    )
    for name in needed:
        if name in missing:
            yield Reading(
                "extras", "problem", f"the settings need the extra {name}", f"pip install 'wsal[{name}]'"
            )


def _brings(extra: str, requirement: Requirement) -> bool:
    marker = requirement.marker
    return marker is not None and marker.evaluate({"extra": extra}) and not marker.evaluate({"extra": ""})


def _lacking(requirement: Requirement) -> str:
    """Say what is wrong with a requirement; nothing where it is met."""
    try:
        found = version(canonicalize_name(requirement.name))
    except PackageNotFoundError:
        return f"{requirement.name} is not installed"
    if requirement.specifier.contains(found, prereleases=True):
        return ""
    return f"{requirement.name} is {found}, and wsal asks for {requirement.specifier}"


def _plain(requirement: Requirement) -> str:
    return f"{requirement.name}{requirement.specifier}"

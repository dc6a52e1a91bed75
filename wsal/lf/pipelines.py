"""spaCy pipelines: the plain one that only cuts texts into tokens, and those that packs name.

A thread makes a pipeline once and uses it again; all rules of a pass share one Doc an item.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import local
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from wsal.lf.resources import ResourceError

if TYPE_CHECKING:
    from spacy.language import Language

__all__ = ["NEEDED", "PackPipeline", "blank_english", "find_pipeline", "pipeline_of_this_thread"]

NEEDED: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "POS": frozenset({"tagger", "morphologizer", "attribute_ruler"}),
        "TAG": frozenset({"tagger", "attribute_ruler"}),
        "DEP": frozenset({"parser"}),
        "LEMMA": frozenset({"lemmatizer", "trainable_lemmatizer", "attribute_ruler"}),
        "ENT_TYPE": frozenset({"ner", "entity_ruler", "span_ruler"}),
        "ENT_ID": frozenset({"entity_ruler", "span_ruler", "entity_linker"}),
        "IS_SENT_START": frozenset({"parser", "senter", "sentencizer"}),
    }
)
"""The components of a pipeline, any one of which gives tokens an attribute."""

_ANY_LENGTH: Final = 1 << 40  # spaCy's limit of a million characters guards memory; items are short texts
_PACKAGE: Final = re.compile(r"[a-z]{2,3}_\w+", re.ASCII)


@dataclass(frozen=True)
class PackPipeline:
    """A pipeline that a pack names: a spaCy package, or a folder beside the pack.

    Parameters
    ----------
    name : str
        As written.
    place : str
        What `spacy.load` takes.
    source_hash : str
        sha256 of the files of a folder, or of what a package says of itself, with its version.
    factories : frozenset of str
        The kinds of its components.
    """

    name: str
    place: str
    source_hash: str
    factories: frozenset[str]

    @property
    def attributes(self) -> frozenset[str]:
        """The token attributes that it gives beyond those of plain tokens."""
        return frozenset(name for name, any_of in NEEDED.items() if any_of & self.factories)


def find_pipeline(name: str, folder: Path) -> PackPipeline:
    """Find the pipeline that a pack names: a folder of the pack's folder, else an installed package.

    Raises
    ------
    ResourceError
        There is none, or spaCy cannot load it.
    """
    import spacy

    path = folder / name
    inside = not Path(name).is_absolute() and ".." not in Path(name).parts
    place = str(path) if inside and (path / "config.cfg").is_file() else name
    if place == name and not _PACKAGE.fullmatch(name):
        raise ResourceError(
            f"there is no spaCy pipeline {name!r}",
            "name a folder beside the pack, or a package such as en_core_web_sm",
        )
    try:
        pipeline = spacy.load(place)
    except (OSError, ValueError, ImportError) as error:
        if place == name:
            cure = f"install it: python -m spacy download {name}"
        else:
            cure = "save it again with nlp.to_disk, by the spaCy that is installed here"
        raise ResourceError(f"spaCy cannot load the pipeline {name!r}: {error}", cure) from error
    content = json.dumps(pipeline.meta, sort_keys=True, default=str) if place == name else _files(path)
    factories = frozenset(pipeline.get_pipe_meta(component).factory for component in pipeline.pipe_names)
    return PackPipeline(name, place, hashlib.sha256(content.encode()).hexdigest(), factories)


def blank_english() -> Language:
    """Return a new pipeline that only cuts English text into tokens; threads do not share one."""
    import spacy

    pipeline = spacy.blank("en")
    pipeline.max_length = _ANY_LENGTH
    return pipeline


_thread = local()


def pipeline_of_this_thread(named: PackPipeline | None) -> Language:
    """Return a pipeline that this thread uses again and again; the plain one where none is named."""
    if not hasattr(_thread, "pipelines"):
        _thread.pipelines = {}
    pipelines: dict[PackPipeline | None, Language] = _thread.pipelines
    if named not in pipelines:
        import spacy

        pipelines[named] = blank_english() if named is None else spacy.load(named.place)
    return pipelines[named]


def _files(folder: Path) -> str:
    """Return the names and hashes of all files of a folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return "\n".join(
        f"{path.relative_to(folder)} {hashlib.sha256(path.read_bytes()).hexdigest()}" for path in files
    )

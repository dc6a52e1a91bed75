"""nlp_labeling_function: a labelling function that sees a spaCy Doc."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from wsal.lf.fingerprint import fingerprint_of
from wsal.lf.labeling_function import LabelingFunction, labeling_function
from wsal.lf.pipelines import blank_english
from wsal.lf.preprocessor import ItemView, Preprocessor

__all__ = ["SpacyPreprocessor", "nlp_labeling_function"]


class SpacyPreprocessor(Preprocessor):
    """Add a spaCy Doc of a text field; one Doc a text, shared by every labelling function that uses it.

    Parameters
    ----------
    text_field, doc_field : str
        Where the text is, and where the Doc goes.
    pipeline : spacy Language or callable, optional
        From text to Doc; a blank English pipeline, made when first used, unless given.
    pre : sequence of callable
        Run before it.
    memo_size : int
        Docs kept at most.
    """

    def __init__(
        self,
        text_field: str = "text",
        doc_field: str = "doc",
        *,
        pipeline: Callable[[str], Any] | None = None,
        pre: Sequence[Callable[[Any], Any]] | None = None,
        memo_size: int = 10_000,
    ) -> None:
        super().__init__("spacy", self._read, pre=pre, memo_size=memo_size)
        self.text_field = text_field
        self.doc_field = doc_field
        self._given = pipeline
        self._pipeline = pipeline
        # What is kept is the Doc by its text, not the item: many items may share a text.
        self._docs = Preprocessor(
            "doc", self._make_doc, memoize=True, memoize_key=_itself, memo_size=memo_size
        )

    def _read(self, x: ItemView) -> ItemView:
        x[self.doc_field] = self._docs(x[self.text_field])
        return x

    def _make_doc(self, text: ItemView) -> Any:  # noqa: ANN401  # spacy.tokens.Doc
        if self._pipeline is None:
            self._pipeline = blank_english()
        return self._pipeline(text._item)  # noqa: SLF001  # the view's own room

    @property
    def fingerprint(self) -> str | None:
        """Stands for the fields and the pipeline; None for a pipeline that cannot be told apart."""
        return fingerprint_of("spacy", self.text_field, self.doc_field, self._pipeline_name(), self.pre)

    def _pipeline_name(self) -> object:
        meta = getattr(self._given, "meta", None)
        if self._given is None:
            return "blank en"
        if isinstance(meta, dict):
            return {name: meta.get(name) for name in ("lang", "name", "version", "spacy_version", "pipeline")}
        return self._given


def nlp_labeling_function(  # noqa: PLR0913  # Snorkel's signature
    name: str | None = None,
    resources: Mapping[str, Any] | None = None,
    pre: Sequence[Callable[[Any], Any]] | None = None,
    *,
    text_field: str = "text",
    doc_field: str = "doc",
    pipeline: Callable[[str], Any] | None = None,
    author: str = "",
    why: str | None = None,
    version: str | None = None,
) -> Callable[[Callable[..., Any]], LabelingFunction]:
    """Make a labelling function whose item also has a spaCy Doc.

    Parameters
    ----------
    name, resources, pre, author, why, version
        As `LabelingFunction`.
    text_field, doc_field : str
        The text is in ``x.text``, the Doc goes to ``x.doc``, unless named otherwise.
    pipeline : spacy Language or callable, optional
        From text to Doc. A blank English pipeline (tokens, no tags or entities) unless given.

    Examples
    --------
    >>> @nlp_labeling_function()
    ... def has_number(x):
    ...     return "spam" if any(token.like_num for token in x.doc) else None
    >>> has_number({"text": "Call 0800 now"})
    'spam'
    """
    reader = _reader(text_field, doc_field, pipeline, tuple(pre or ()))
    return labeling_function(name, resources, [reader], author=author, why=why, version=version)


_readers: dict[tuple[Any, ...], SpacyPreprocessor] = {}
_MAX_READERS = 64


def _reader(
    text_field: str,
    doc_field: str,
    pipeline: Callable[[str], Any] | None,
    pre: tuple[Callable[[Any], Any], ...],
) -> SpacyPreprocessor:
    """Return the one preprocessor of these settings, so that functions share their Docs."""
    key = (text_field, doc_field, id(pipeline), *map(id, pre))  # alive as long as the reader that holds them
    if key not in _readers:
        if len(_readers) >= _MAX_READERS:
            _readers.pop(next(iter(_readers)))
        _readers[key] = SpacyPreprocessor(text_field, doc_field, pipeline=pipeline, pre=pre)
    return _readers[key]


def _itself(text: Any) -> Any:  # noqa: ANN401  # a text, or None
    return text

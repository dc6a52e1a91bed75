"""CandidateSpans: the places that rules name in documents, and the rules' votes on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from wsal.votes import VoteMatrix

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CandidateSpans"]

_AROUND: Final = 80  # characters shown on either side of a span


@dataclass(frozen=True, eq=False)
class CandidateSpans:
    """All places in d documents that any of m rules names; c candidates.

    Parameters
    ----------
    documents : tuple of str
        d ids.
    texts : tuple of str
        d texts.
    places : ndarray of int64, shape (c, 3)
        Row of the document, first character and the first behind; sorted, all different.
    votes : VoteMatrix
        Of the m rules on the c candidates: a rule votes where it names exactly that place. Ids are
        ``DOCUMENT:START-END``.
    """

    documents: tuple[str, ...]
    texts: tuple[str, ...]
    places: NDArray[np.int64]
    votes: VoteMatrix

    def __len__(self) -> int:
        return len(self.places)

    def frame(self) -> pd.DataFrame:
        """Return the candidates as items: ``id, context, span, left, right, document, start, end`` and the votes.

        ``context`` is the span in brackets with what stands around it, for people. The votes of a rule are in the
        column ``rule: NAME``, as names of labels, empty where it abstains.
        """
        import pandas as pd

        rows: list[dict[str, object]] = []
        for item, (d, start, end) in zip(self.votes.item_ids.tolist(), self.places.tolist(), strict=True):
            text = self.texts[d]
            left, span, right = (
                text[max(start - _AROUND, 0) : start],
                text[start:end],
                text[end : end + _AROUND],
            )
            rows.append(
                {
                    "id": item,
                    "context": f"{left}⟦{span}⟧{right}",
                    "span": span,
                    "left": left,
                    "right": right,
                    "document": self.documents[d],
                    "start": start,
                    "end": end,
                }
            )
        frame = pd.DataFrame(
            rows, columns=["id", "context", "span", "left", "right", "document", "start", "end"]
        )
        for j, rule in enumerate(self.votes.lf_names):
            frame[f"rule: {rule}"] = [
                self.votes.labels.name(vote) for vote in self.votes.values[:, j].tolist()
            ]
        return frame

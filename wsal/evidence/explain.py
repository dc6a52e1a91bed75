"""explain: why an item has the label it has."""

from __future__ import annotations

from wsal.errors import DataError
from wsal.evidence.case import Case, OpensIntoTerms
from wsal.evidence.evidence import Answer, Evidence, build_evidence
from wsal.features import Features
from wsal.label_models import FittedModel
from wsal.labels import HumanLabels
from wsal.training import Delivered, deliver
from wsal.types import ItemId
from wsal.votes import VoteMatrix

__all__ = ["explain"]


def explain(
    votes: VoteMatrix,
    model: FittedModel,
    item_id: ItemId,
    *,
    human: HumanLabels | None = None,
    features: Features | None = None,
    delivered: Delivered | None = None,
    contrast: str | tuple[str, str] | None = None,
) -> Evidence:
    """Open the delivered label of an item into terms that add up.

    Parameters
    ----------
    votes : VoteMatrix
        n items, m labelling functions.
    model : FittedModel
        A label model fitted on these votes whose label opens into terms, as `LabelModel`'s does.
    item_id : str or int
    human : HumanLabels, optional
        What people answered; taken from ``delivered``, or from the model, where not given.
    features : FeatureMatrix, ndarray or scipy sparse matrix, shape (n, d), optional
        Not looked at where ``delivered`` is given.
    delivered : Delivered, optional
        The run to explain, made of these very votes by this very model; computed here where not given, which
        costs a training.
    contrast : str or tuple of (str, str), optional
        A class to compare the label with, or two classes to compare. The label with its runner-up where not
        given: the best other class before the answer.

    Returns
    -------
    Evidence
        The terms sum to the log odds of the contrast within 1e-9. For an answered item, or a duplicate of
        one, they are the evidence before the answer. Where nothing speaks (no rule votes, nobody answered,
        there is no end model) the label is None and there are no terms: the probabilities are then no
        statement about the item.

    Raises
    ------
    DataError
        No such item, a model whose label does not open into terms, or a ``delivered`` made by another model
        or of other votes.
    InputError
        A contrast that is none.

    Notes
    -----
    For a covered item, with n_u votes: the vote-share term, ``n_u^(−1/2)·log P_s(a)/P_s(b)`` for each rule,
    the term of people on items alike, the class balance, and the human classifier; with an end model half of
    these and half of its words. For an uncovered item the words alone. DESIGN §5; derivation in
    docs/explanation/evidence.md.

    Examples
    --------
    >>> from wsal.label_models import LabelModel
    >>> votes = VoteMatrix.from_array([[1, 1, 0], [0, -1, 0]], ["ham", "spam"], lf_names=["a", "b", "c"])
    >>> why = explain(votes, LabelModel().fit(votes), 0)
    >>> why.label, why.contrast, round(why.log_odds, 3)
    ('spam', ('spam', 'ham'), 0.807)
    >>> [(term.source, term.vote, round(term.log_odds, 3)) for term in why.terms[1:]]
    [('a', 'spam', 0.731), ('b', 'spam', 0.731), ('c', 'ham', -0.73)]
    >>> why.without("a").label is None  # one vote for each class would be left
    False
    """
    if delivered is None:
        delivered = deliver(votes, model, human=human, features=features)
    delivered.require_made_of(votes, model)
    if not isinstance(model, OpensIntoTerms):
        raise DataError(
            f"the label of a {type(model).__name__} does not open into terms", hint="explain a LabelModel"
        )
    row = delivered.votes.row_of(item_id)
    human = delivered.human if human is None else human
    return build_evidence(
        item_id,
        Case.of(delivered, model, row),
        answers=_answers(delivered, item_id, row, human=human),
        contrast=contrast,
    )


def _answers(
    delivered: Delivered, item_id: ItemId, row: int, *, human: HumanLabels | None
) -> tuple[Answer, ...]:
    """Return the answers one by one, or, where only a model's shares are known, the classes answered."""
    copied_from = delivered.copied_from(row)
    names = delivered.votes.labels.names
    answers = []
    for item in copied_from or (item_id,):
        duplicate = item if copied_from else None
        if human is not None:
            told = zip(human.item_ids, human.values.tolist(), human.annotators, human.purposes, strict=True)
            answers += [Answer(names[y], who, why, duplicate) for i, y, who, why in told if i == item]
        else:
            at = (delivered.answers.rows == delivered.votes.row_of(item)).nonzero()[0]
            shares = delivered.answers.shares[at].sum(axis=0)
            answers += [Answer(names[y], "", "", duplicate) for y in shares.nonzero()[0].tolist()]
    return tuple(answers)

"""What changed between two runs: the causes add up, and each step is what a plain evaluation of its labels gives."""

from dataclasses import dataclass
from math import log, sqrt
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wsal.evidence import KINDS, LabelParts, RunState, compare_runs
from wsal.features import DuplicateGroups
from wsal.label_models import LabelModel
from wsal.labels import HumanLabels
from wsal.training import deliver
from wsal.votes import VoteMatrix

CLASSES = ("ham", "spam", "scam")


@dataclass(frozen=True, eq=False)
class Task:
    """Rules as columns by name with the version of each, contents and answers by item, and how labels are made."""

    k: int
    columns: dict  # name → (version, vote by content)
    contents: dict  # item → content
    answers: dict  # item → class
    with_features: bool
    with_duplicates: bool
    audited: bool

    def deliver(self):
        ids = list(self.contents)
        contents = np.array([self.contents[item] for item in ids])
        L = np.stack([votes[contents] for _, votes in self.columns.values()], axis=1)
        votes = VoteMatrix.from_array(
            L,
            CLASSES[: self.k],
            lf_names=list(self.columns),
            item_ids=ids,
            lf_fingerprints=[f"{name}-{version}" for name, (version, _) in self.columns.items()],
        )
        groups = None
        if self.with_duplicates:  # the same content is an exact duplicate, the next one a near one
            near, exact = (_smallest(codes) for codes in (contents // 2, contents))
            groups = DuplicateGroups(votes.item_ids, near, exact, np.ones(len(ids)))
        human = HumanLabels.from_pairs({item: y for item, y in self.answers.items() if item in self.contents})
        counted = human if groups is None else groups.counted_once(human)
        balance = "audit" if self.audited else None
        model = LabelModel(copy_min_equal=3).fit(votes, counted, class_balance=balance)
        features = np.eye(contents.max() + 1)[contents] if self.with_features else None
        run = deliver(votes, model, human=human, features=features, duplicates=groups)
        digests = contents.astype(np.uint64)
        return run, RunState("run", votes, model, run.soft, LabelParts.of(run), digests)


def _smallest(numbers):
    first = {}
    return np.array([first.setdefault(number, row) for row, number in enumerate(numbers.tolist())])


@st.composite
def edits(draw):
    """Draw a task before and after: rules edited, added, removed; items new, gone, another; answers of all kinds."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    k, n, n_contents = draw(st.integers(2, 3)), draw(st.integers(4, 40)), 12

    def votes():
        return np.where(rng.random(n_contents) < 0.5, -1, rng.integers(k, size=n_contents)).astype(np.int8)

    columns = {f"lf-{j}": (0, votes()) for j in range(draw(st.integers(1, 4)))}
    if rng.random() < 0.5:
        columns["copy"] = (0, columns["lf-0"][1])
    contents = {f"i{row}": int(rng.integers(n_contents)) for row in range(n)}
    answers = {
        item: int(rng.integers(k)) for item in contents if rng.random() < draw(st.sampled_from([0, 0.7]))
    }
    settings_ = (draw(st.booleans()), draw(st.booleans()), draw(st.booleans()))
    before = Task(k, columns, contents, answers, *settings_)

    columns, contents, answers = dict(columns), dict(contents), dict(answers)
    if draw(st.booleans()):
        columns["lf-0"] = (1, votes())
        columns["lf-new"] = (0, votes())
        columns.pop("lf-1", None)
    if draw(st.booleans()):
        contents = _other_data(contents, n_contents, rng)
    if draw(st.booleans()):
        answers = _other_answers(answers, contents, k, rng)
    return before, Task(k, columns, contents, answers, *settings_)


def _other_data(contents, n_contents, rng):
    chance = dict(zip(contents, rng.random(len(contents)), strict=True))
    kept = {item: content for item, content in contents.items() if chance[item] > 0.1} or contents
    found = {item: int(rng.integers(n_contents)) if chance[item] < 0.2 else kept[item] for item in kept}
    found |= {f"new{row}": int(rng.integers(n_contents)) for row in range(3)}
    return {item: found[item] for item in rng.permutation(list(found)).tolist()}


def _other_answers(answers, contents, k, rng):
    """Give, change and take back answers."""
    chance = dict(zip(contents, rng.random(len(contents)), strict=True))
    kept = {item: y for item, y in answers.items() if not 0.2 <= chance.get(item, 1) < 0.3}
    return kept | {item: int(rng.integers(k)) for item in contents if chance[item] < 0.2}


def _mixed(a, b, *, votes_of_b, answers_of_b):
    """Return run A with the votes on which B counts, and the answers of either run on items alike."""
    names = list(dict.fromkeys([*a.votes.lf_names, *b.votes.lf_names]))
    k, old = a.votes.n_classes, {name: j for j, name in enumerate(a.votes.lf_names)}
    odds = a.model.settings.prior_precision / (1 - a.model.settings.prior_precision) / sqrt(k - 1)
    right = odds / (1 + odds)
    posterior = np.full((len(names) * k, k), log((1 - right) / (k - 1)))
    for j, name in enumerate(names):
        for y in range(k):
            if name in old:
                posterior[j * k + y] = a.model.log_posterior[old[name] * k + y]
            else:
                posterior[j * k + y, y] = log(right)
    fresh = [1000 + j for j in range(len(names))]
    told = (b if answers_of_b else a).model.answers
    table = {}
    for item, shares, weight in zip(told.item_ids, told.shares, told.weights, strict=True):
        if item in votes_of_b:
            pattern = tuple(votes_of_b[item][name] for name in names)
            table[pattern] = table.get(pattern, 0) + weight * shares
    model = SimpleNamespace(
        copies=SimpleNamespace(
            group=[a.model.copies.group[old[n]] if n in old else fresh[j] for j, n in enumerate(names)],
            cluster=[a.model.copies.cluster[old[n]] if n in old else fresh[j] for j, n in enumerate(names)],
        ),
        log_posterior=posterior,
        settings=a.model.settings,
        vote_share=a.model.vote_share,
        answered_votes=list(table),
        answered_counts=list(table.values()),
        balance_weights=a.model.balance_weights,
    )
    kept = (
        "votes",
        "human_probabilities",
        "human_prior",
        "end_probabilities",
        "answers",
        "duplicates",
    )
    return SimpleNamespace(model=model, **{name: getattr(a, name) for name in kept}), names


def _votes(run, names=()):
    blank = dict.fromkeys(names, -1)
    return {
        item: blank | dict(zip(run.votes.lf_names, row, strict=True))
        for item, row in zip(run.votes.item_ids.tolist(), run.votes.values.tolist(), strict=True)
    }


@settings(max_examples=50, deadline=None)
@given(edits())
def test_the_causes_add_up_to_the_whole_change(edit):
    (a, state_a), (b, state_b) = (task.deliver() for task in edit)
    diff = compare_runs(state_a, state_b, min_move=0.1)
    labels = [dict(zip(run.votes.item_ids.tolist(), run.soft.hard().tolist(), strict=True)) for run in (a, b)]
    p = [dict(zip(r.votes.item_ids.tolist(), r.soft.probabilities, strict=True)) for r in (a, b)]
    spoken = [dict(zip(r.votes.item_ids.tolist(), r.soft.sources != "none", strict=True)) for r in (a, b)]
    assert sorted(diff.item_ids.tolist()) == sorted(labels[0].keys() | labels[1].keys())
    changed = 0
    for row, item in enumerate(diff.item_ids.tolist()):
        before, after = (side.get(item, -1) for side in labels)
        assert (diff.before[row], diff.after[row]) == (before, after)
        both = item in p[0] and item in p[1]
        speaks = both and spoken[0][item] and spoken[1][item]
        moved = speaks and np.abs(p[1][item] - p[0][item]).max() > 0.1
        kind = (
            "same" if before == after and not (moved and after >= 0)
            else "gained" if before < 0
            else "lost" if after < 0
            else "flipped" if before != after
            else "moved"
        )  # fmt: skip
        assert KINDS[diff.kind[row]] == kind
        assert (diff.cause[row] >= 0) == (kind != "same")
        changed += kind != "same"
        if speaks and not diff.changed_content[row]:
            label = after if after >= 0 else max(before, 0)
            assert diff.steps[row].sum() == pytest.approx(p[1][item][label] - p[0][item][label], abs=1e-12)
    assert diff.counts.sum() == changed
    assert [int((diff.kind == 1 + i).sum()) for i in range(4)] == diff.counts.sum(axis=1).tolist()


@settings(max_examples=50, deadline=None)
@given(edit=edits())
def test_each_step_is_a_plain_evaluation_of_the_labels_it_ends_at(naive_label, edit):
    (a, state_a), (b, state_b) = (task.deliver() for task in edit)
    diff = compare_runs(state_a, state_b)
    names = list(dict.fromkeys([*a.votes.lf_names, *b.votes.lf_names]))
    votes_of_b = _votes(b, names)
    rules, _ = _mixed(a, b, votes_of_b=votes_of_b, answers_of_b=False)
    told, _ = _mixed(a, b, votes_of_b=votes_of_b, answers_of_b=True)
    for row, item in enumerate(diff.item_ids.tolist()):
        if np.isnan(diff.steps[row]).any():
            continue
        row_a, row_b = diff.rows_before[row], diff.rows_after[row]
        label = diff.after[row] if diff.after[row] >= 0 else max(diff.before[row], 0)
        votes = [votes_of_b[item][name] for name in names]
        reached = a.soft.probabilities[row_a][label] + np.cumsum(diff.steps[row])
        assert reached[1] == pytest.approx(naive_label(rules, row_a, votes)[0][label], abs=1e-9)
        p, _ = naive_label(told, row_a, votes, told=(b, row_b))
        assert reached[2] == pytest.approx(p[label], abs=1e-9)


@settings(max_examples=30, deadline=None)
@given(edits())
def test_what_was_not_changed_causes_nothing(edit):
    before, after = edit
    (_, state_a), (_, state_b) = before.deliver(), after.deliver()
    diff = compare_runs(state_a, state_b)
    known = ~np.isnan(diff.steps).any(axis=1)
    if before.columns == after.columns:
        assert not diff.edited
        assert not diff.steps[known, 1].any()
    if before.contents == after.contents:
        assert not diff.steps[known, 0].any()
        assert not (diff.cause == 0).any()
        if before.answers == after.answers:
            assert not diff.steps[known, 2].any()
            assert not diff.told.any()
    again = compare_runs(state_a, before.deliver()[1])
    assert not np.nan_to_num(again.steps).any()
    assert not again.kind.any()

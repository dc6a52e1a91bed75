"""Whatever people answer and take back while classes change: tables, rebuild, lineage and a plain model agree."""

from __future__ import annotations

from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from wsal.audit import AnswerGiven, AnswerUndone, ClassesChanged, Event, ProjectCreated
from wsal.audit.lineage import read_past
from wsal.store import open_store

STEPS = st.lists(
    st.tuples(st.just("answer"), st.sampled_from([1, "1"]), st.sampled_from(["ana", "bo"]), st.integers(0, 5))
    | st.tuples(st.just("skip"), st.sampled_from([1, "1"]), st.sampled_from(["ana", "bo"]))
    | st.tuples(st.just("undo"), st.integers(0, 20))
    | st.tuples(st.sampled_from(["add", "rename", "merge", "split"]), st.integers(0, 5), st.integers(0, 5)),
    max_size=14,
)


class Model:
    """Answers that were not taken back, in the order in which they were given, under the names of now."""

    def __init__(self, store):
        self.store = store
        self.labels = ["ham", "spam"]
        self.given = []  # [item, person, word, id]
        self.n = 0

    def step(self, step):
        self.n += 1
        kind = step[0]
        if kind in ("answer", "skip"):
            label = self.labels[step[3] % len(self.labels)] if kind == "answer" else None
            outcome = "skip" if label is None else "label"
            self.given.append([step[1], step[2], label, f"e{self.n}"])
            return AnswerGiven(f"e{self.n}", step[1], outcome, step[2], label=label)
        if kind == "undo":
            if not self.given:
                return None
            gone = self.given.pop(step[1] % len(self.given))
            now = next(
                a.event_id
                for a in self.store.answers(current=False)
                if a.undone_by is None and a.event_id.split("@")[0] == gone[3]
            )
            return AnswerUndone(f"u{self.n}", now)
        return self.change(kind, step[1], step[2])

    def change(self, kind, i, j):
        first, second = self.labels[i % len(self.labels)], self.labels[j % len(self.labels)]
        new = (f"c{self.n}",) if kind in ("add", "rename", "merge") else (f"c{self.n}", f"d{self.n}")
        old = {"add": (), "rename": (first,), "merge": (first, second), "split": (first,)}[kind]
        if len(set(old)) != len(old) or (kind == "merge" and len(self.labels) < 3):
            return None
        self.labels = [name for name in self.labels if name not in old] + list(new)
        for answer in self.given:
            if answer[2] in old:
                answer[2] = new[0] if kind != "split" else "gone"
        self.given = [answer for answer in self.given if answer[2] != "gone"]
        return ClassesChanged(kind, old, new, tuple(self.labels))

    def standing(self):
        last = {}
        for item, person, label, _ in self.given:
            last[type(item), item, person] = label
        return {key: label for key, label in last.items() if label is not None}


def by_person(answers):
    return {(type(a.item), a.item, a.annotator): a.label for a in answers if a.label is not None}


@settings(max_examples=40, deadline=None)
@given(STEPS)
def test_answers_follow_the_classes_and_the_past_stays(history):
    with TemporaryDirectory() as folder, open_store("sqlite:///store.db", create=True, root=folder) as store:
        store.append(Event.of(ProjectCreated("t", ("ham", "spam")), actor="t"))
        model, known = Model(store), {}
        for step in history:
            payload = model.step(step)
            if payload is not None:
                store.append(Event.of(payload, actor="t"))
                known[store.head().seq] = model.standing()
        for seq, standing in known.items():
            assert by_person(store.answers(as_of=seq)) == standing
        past = read_past(store.events())
        for seq, standing in known.items():
            assert by_person(answer.what for answer in past.standing(seq)) == standing
        assert store.check_projections() == ()
        before = store.answers(current=False)
        store.rebuild()
        assert store.answers(current=False) == before
        if store.class_changes():
            assert store.class_changes()[-1].change.labels == tuple(model.labels)

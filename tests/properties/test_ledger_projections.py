"""Any history of answers: the store says what a few lines of plain Python say, and so does a rebuild."""

from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from wsal.audit import (
    AnswerGiven,
    AnswersImported,
    AnswerUndone,
    BatchDrawn,
    DrawRecord,
    Event,
    ImportedAnswer,
)
from wsal.store import open_store

items = st.sampled_from([1, 2, "1"])
people = st.sampled_from(["ana", "bob"])
words = st.sampled_from(["ham", "spam", "skip", "flag"])
steps = st.lists(
    st.tuples(st.just("answer"), items, people, words)
    | st.tuples(st.just("undo"), st.integers(0, 30))
    | st.tuples(st.just("draw"), st.lists(items, max_size=3))
    | st.tuples(st.just("import"), st.lists(st.tuples(items, people, words), max_size=3)),
    max_size=20,
)


def split(word):
    return ("label", word) if word in ("ham", "spam") else (word, None)


class Model:
    """What must come out, said as simply as possible."""

    def __init__(self):
        self.answers = []  # [event_id, item, annotator, word], without those that were undone
        self.draws = []
        self.when = {}  # the step of each answer
        self.ids = 0

    def event(self, step):
        """Return the payload of a step, or None where it would make no sense; remember what it does."""
        self.ids += 1
        name = f"x{self.ids}"
        if step[0] == "answer":
            _, item, person, word = step
            self.answers.append((name, item, person, word))
            self.when[name] = self.ids
            outcome, label = split(word)
            return AnswerGiven(name, item, outcome, person, label)
        if step[0] == "undo":
            if not self.answers:
                return None
            gone = self.answers.pop(step[1] % len(self.answers))
            return AnswerUndone(name, gone[0])
        if step[0] == "draw":
            self.draws += [(item, self.ids) for item in step[1]]
            draws = enumerate(step[1])
            records = tuple(DrawRecord(BatchDrawn.draw_id(name, i), item, "audit") for i, item in draws)
            return BatchDrawn(name, "r", records)
        rows = []
        for i, (item, person, word) in enumerate(step[1]):
            self.answers.append((f"{name}-{i}", item, person, word))
            self.when[f"{name}-{i}"] = self.ids
            outcome, label = split(word)
            rows.append(ImportedAnswer(f"{name}-{i}", item, label, person, outcome))
        return AnswersImported(name, "f", "h", tuple(rows))

    def standing(self):
        last = {}
        for answer in self.answers:
            last[type(answer[1]), answer[1], answer[2]] = answer
        return {answer[0] for answer in last.values()}

    def outcomes(self):
        standing = self.standing()

        def known(item, drawn):
            said = [
                (self.when[n], split(word)[0])
                for n, it, _, word in self.answers
                if it == item and n in standing
            ]
            if any(word == "label" for _, word in said):
                return "label"
            # What was said before the draw does not answer it: an item that was skipped is asked for again.
            return said[-1][1] if said and said[-1][0] > drawn else "open"

        return [known(item, drawn) for item, drawn in self.draws]


@settings(max_examples=15, deadline=None)
@given(steps)
def test_the_tables_say_what_the_history_says(history):
    model = Model()
    with TemporaryDirectory() as folder, open_store("sqlite:///store.db", create=True, root=folder) as store:
        events = [Event.of(payload, actor="t") for step in history if (payload := model.event(step))]
        seqs = store.append_many(events)
        assert seqs == tuple(range(1, len(events) + 1))
        assert {row.event_id for row in store.answers()} == model.standing()
        assert [row.outcome for row in store.draws()] == model.outcomes()
        assert store.append_many([event for event in events if "event_id" in event.data]) == tuple(
            seq for seq, event in zip(seqs, events, strict=True) if "event_id" in event.data
        )
        assert store.head().seq == len(events)
        assert store.check_projections() == ()
        before = (store.answers(current=False), store.draws())
        store.rebuild()
        assert (store.answers(current=False), store.draws()) == before
        assert store.verify().ok

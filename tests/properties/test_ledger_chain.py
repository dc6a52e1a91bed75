from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from wsal.audit import GENESIS, AnswerGiven, Event, Head, LedgerRow, canonical, link, parse, verify

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
trees = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)
answers = st.builds(
    AnswerGiven,
    event_id=texts.filter(bool),
    item=texts | st.integers(),
    outcome=st.just("label"),
    annotator=texts,
    label=texts.filter(bool),
    rationale=texts,
    hints_shown=st.booleans(),
    seconds=st.none() | st.floats(0, 1e6),
)


@given(trees)
def test_canonical_json_reads_back_and_writes_the_same_bytes(tree):
    body = canonical(tree)
    assert parse(body) == tree
    assert canonical(parse(body)) == body


@given(answers)
def test_any_answer_reads_back_from_its_event(answer):
    assert Event.from_body(Event.of(answer, actor="ana").body()).payload() == answer


def chained(bodies):
    rows, prev = [], GENESIS
    for seq, body in enumerate(bodies, 1):
        rows.append(LedgerRow(seq, prev, link(prev, body), body))
        prev = rows[-1].hash
    return rows


@given(st.lists(answers, min_size=1, max_size=6), st.data())
def test_any_changed_byte_of_any_column_is_found(given_answers, data):
    rows = chained([Event.of(answer, actor="ana").body() for answer in given_answers])
    head = Head(rows[-1].seq, rows[-1].hash)
    assert verify(rows, head=head).ok
    at = data.draw(st.integers(0, len(rows) - 1))
    column = data.draw(st.sampled_from(["body", "hash", "prev_hash"]))
    old = getattr(rows[at], column)
    raw = bytearray(old if column == "body" else old.encode())
    position = data.draw(st.integers(0, len(raw) - 1))
    raw[position] ^= data.draw(st.integers(1, 127))
    rows[at] = replace(rows[at], **{column: bytes(raw) if column == "body" else raw.decode("latin-1")})
    assert not verify(rows, head=head).ok


@given(st.lists(answers, min_size=2, max_size=7), st.data())
def test_any_other_sequence_of_the_same_rows_is_found(given_answers, data):
    rows = chained([Event.of(answer, actor="ana").body() for answer in given_answers])
    head = Head(rows[-1].seq, rows[-1].hash)
    some = data.draw(st.lists(st.sampled_from(range(len(rows))), max_size=8))
    if some != list(range(len(rows))):
        assert not verify([rows[i] for i in some], head=head).ok

"""Indented JSON is the same value, laid out as Python's json does it with indent 2."""

import json

from hypothesis import given
from hypothesis import strategies as st

from local.accounts import Client
from pipeline.local.json_text import indented

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(VALUES)
def test_as_python_does_it(value: object) -> None:
    compact = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    assert indented(compact) == json.dumps(value, indent=2, ensure_ascii=False)


def test_numbers_stay_as_written() -> None:
    assert indented('[1.50,1e400,"a, b"]') == '[\n  1.50,\n  1e400,\n  "a, b"\n]'


def test_a_client_gets_indented_values(db: Client) -> None:
    from pipeline.local.results import row_set

    result = db.result("""SELECT PARSE_JSON('{"a":1}'), ARRAY_CONSTRUCT(), OBJECT_CONSTRUCT('k', 'v')::STRING""")
    assert row_set(result) == [('{\n  "a": 1\n}', "[]", '{"k":"v"}')]

"""data.yaml: what is read of it, and that hostile ones cost nothing."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from figureground.datasets.formats.data_yaml import parse_data_yaml


# Expected values: by hand, after YAML 1.2, with every scalar as text.
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x: [a, b]", ["a", "b"]),
        ("x: ['a', \"b\"]  # two", ["a", "b"]),
        ("x: [ a b ,\n  'c, d' ,\n]", ["a b", "c, d"]),
        ("x: []", []),
        ("x:\n- a\n- b # c\n# d\n- 'it''s'", ["a", "b", "it's"]),
        ('x:\n  - "a\\u00e9 # b"\n  - no', ["aé # b", "no"]),
        ("x: {0: a, 1: 'b: c', '2': d}", {"0": "a", "1": "b: c", "2": "d"}),
        ('x:\n  0: a\n  1: "say \\"y\\" # z"\n', {"0": "a", "1": 'say "y" # z'}),
        ("x: C:\\data\\a  # where", "C:\\data\\a"),
        ("x: a#b # c", "a#b"),
        ("x:", ""),
        ("\ufeff---\nx: it's # here\n", "it's"),
        ("other: &a [*b, !!python/object:os.system {}]\nx: a", "a"),
        ("download: |\n  import os\n  x: 'b\nx: a", "a"),
        ("x: a\ny:\n  z:\n    - deep", "a"),
    ],
)
def test_values(text, expected):
    assert parse_data_yaml(text, ["x"]) == {"x": expected}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a", "line 1: expected 'key: value', got 'a'"),
        ("\nx: [a", r"line 2: expected a list up to its \]"),
        ("x: [a] b", r"line 1: expected a list up to its \]"),
        ("x: [a, {b: c}]", "line 1: a list within a list"),
        ("x: {a, b}", "line 1: expected 'key: value', got 'a'"),
        ("x: &a [b]", "line 1: '&a"),
        ("x: *a", r"line 1: '\*a' is not read"),
        ("x: !!python/object/apply:os.system ['ls']", 'line 1: "!!python'),
        ("x: 'a", 'line 1: a quote is not closed: "\'a"'),
        ("x: 'a' b", "line 1: there is more after the closing quote"),
        ('x: "\\x41"', "has an escape that is not read"),
        ("x:\n  - a\n    b", "line 1: 'b' stands deeper than is read"),
    ],
)
def test_what_is_not_read_is_named_with_its_line(text, message):
    with pytest.raises(ValueError, match=message):
        parse_data_yaml(text, ["x"])


@pytest.mark.parametrize(
    "text",
    [
        "x: " + "[" * 300_000,
        "x: [" + "''," * 300_000 + "]",
        "x: [a" + "'" * 900_000 + "]",
        "x: " + "'' " * 300_000,
        "x:" + " " * 900_000,
        "x:\n" + "- a\n" * 200_000,
        "a: &a [b]\nx: [" + "*a," * 300_000 + "]",
        " " * 900_000 + "x",
        "x: " + '"\\' * 450_000,
    ],
)
def test_hostile_ones_cost_what_their_length_costs(text):
    start = time.process_time()
    try:
        parse_data_yaml(text, ["x"])
    except ValueError as error:
        assert len(str(error)) < 300
    assert time.process_time() - start < 3


@given(st.text(st.sampled_from("x: []{},'\"#\n-ab\\|&*\t"), max_size=40))
def test_any_text_is_read_or_refused(text):
    try:
        values = parse_data_yaml(f"x: {text}", ["x"])
    except ValueError:
        return
    assert values.keys() == {"x"}

from fractions import Fraction

import pytest

from figureground.errors import OptionError
from figureground.sources import find_inputs, is_input, parse_time
from figureground.sources.inputs import natural_order
from figureground.sources.span import Span, parse_span


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("12.5", Fraction(25, 2)),
        (".5", Fraction(1, 2)),
        (" 90 ", 90),
        ("2:03", 123),
        ("1:02:03.25", Fraction(14893, 4)),
        ("100:00:00", 360000),
        (12, 12),
        (0.1, Fraction(1, 10)),
        (1e-3, Fraction(1, 1000)),
        (Fraction(1, 3), Fraction(1, 3)),
    ],
)
def test_times(text, seconds):
    assert parse_time(text) == seconds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "-1",
        "1:-2",
        "1:2:3:4",
        "1e5",
        "12,5",
        "٣",
        -1,
        -0.5,
        float("nan"),
        float("inf"),
        Fraction(-1),
    ],
)
def test_what_is_no_time_is_refused(text):
    with pytest.raises(OptionError, match="not a time"):
        parse_time(text)


@pytest.mark.parametrize(
    ("start", "end", "span"),
    [
        (None, None, Span()),
        (1.5, None, Span(start=Fraction(3, 2))),
        (None, "120f", Span(stop=120)),
        ("5f", "0:10", Span(first=5, end=Fraction(10))),
    ],
)
def test_spans(start, end, span):
    assert parse_span(start, end) == span


@pytest.mark.parametrize(
    ("start", "end"), [(2, 1), (1, 1), ("9f", "9f"), (None, 0), (None, "0f"), ("1:00", "59.9")]
)
def test_an_end_before_the_start_is_refused(start, end):
    with pytest.raises(OptionError, match="must come after the start"):
        parse_span(start, end)


def test_indices_agree_with_testing_each_frame():
    rate = Fraction(30000, 1001)
    for start, end in [(None, None), (0.5, 2), ("10f", 1.7), (1, "40f"), ("70f", None), (9, None)]:
        span = parse_span(start, end)
        inside = [i for i in range(75) if span.begun(i, i / rate) and not span.over(i, i / rate)]
        assert list(span.indices(75, rate)) == inside


def test_natural_order():
    names = ["img10.png", "img2.png", "a", "img02.png", "10", "9", "B", "²", "img2b.png"]
    assert natural_order(names) == [
        "9",
        "10",
        "a",
        "B",
        "img02.png",
        "img2.png",
        "img2b.png",
        "img10.png",
        "²",
    ]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.mp4", True),
        ("A.MKV", True),
        ("x/a.tiff", True),
        ("a.txt", False),
        (".a.mp4", False),
        ("mp4", False),
    ],
)
def test_is_input(name, expected):
    assert is_input(name) is expected


def test_find_inputs_walks_a_tree(tmp_path):
    names = [
        "b10.mp4",
        "b9.avi",
        "notes.txt",
        "preview.jpg",
        "stills/2.png",
        "stills/10.png",
        "mixed/a.png",
        "mixed/a.mov",
        "deep/er/c.mkv",
        "deep/er/stills/x.TIF",
        ".hidden/d.mp4",
        "empty/readme.md",
    ]
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = [path.relative_to(tmp_path).as_posix() for path in find_inputs(tmp_path)]
    assert found == ["b9.avi", "b10.mp4", "deep/er/c.mkv", "deep/er/stills", "mixed/a.mov", "stills"]
    assert find_inputs(tmp_path / "stills") == [tmp_path / "stills"]
    assert find_inputs(tmp_path / "b9.avi") == [tmp_path / "b9.avi"]
    assert find_inputs(tmp_path / "empty") == []

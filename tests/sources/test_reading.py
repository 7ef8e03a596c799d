from fractions import Fraction

import pytest

from figureground.sources.reading import Clock
from figureground.sources.report import Report


@pytest.mark.parametrize(
    ("given", "expected", "faults"),
    [
        ([0, 4, 8, 12], [0, 4, 8, 12], {}),
        ([7, 9, 300], [7, 9, 300], {}),  # a late first time and a gap are as they are
        ([0, 4, 4, 12], [0, 4, 5, 12], {"disordered": 1}),
        ([0, 4, 12, 8, 16], [0, 4, 12, 13, 16], {"disordered": 1}),
        ([None, None, None], [0, 4, 8], {"untimed": 3}),
        ([20, None, 30], [20, 24, 30], {"untimed": 1}),
        ([500, 504, 0, 4, 8], [500, 504, 508, 512, 516], {"restarts": 1}),
        ([500, 504, 0, 512, 516], [500, 504, 508, 512, 516], {"restarts": 1}),  # one wrong time only
        ([-8, -4, 0], [-8, -4, 0], {}),
    ],
)
def test_times_increase(given, expected, faults):
    report = Report(step=Fraction(4, 100))
    clock = Clock(Fraction(1, 100), report)
    times = [clock.ticks(pts) for pts in given]
    assert times == expected
    counted = {name: getattr(report, name) for name in ("disordered", "untimed", "restarts")}
    assert {name: count for name, count in counted.items() if count} == faults


def test_a_rate_that_is_no_whole_number_of_ticks_does_not_drift():
    clock = Clock(Fraction(1, 1000), Report(step=Fraction(1001, 30000)))
    times = [clock.ticks(None) for _ in range(3001)]
    assert times[-1] == 100100
    assert all(abs(ticks - number * 1001 / 30) <= 0.5 for number, ticks in enumerate(times))


def test_a_report_tells_nothing_where_nothing_was_wrong_and_all_where_it_was():
    assert Report().lines() == []
    report = Report(origin=Fraction(100), step=Fraction(1, 25))
    report.add("damaged", Fraction(1124, 10))
    report.add("damaged", Fraction(120), 2)
    report.expect(Fraction(101), Fraction(102), 4)
    report.stop(Fraction(103), "no room")
    report.compare_end(Fraction(104), Fraction(105))
    assert report.lines() == [
        "3 damaged frames skipped, first near 12.4 s",
        "20 frames missing (gaps in time), first near 1.0 s",
        "reading stopped near 3.0 s: no room",
        "the pictures end near 4.0 s, and should at 5.0 s: the file may be cut off",
    ]
    close = Report(step=Fraction(1, 25))
    close.compare_end(Fraction(10), Fraction(101, 10))
    close.expect(Fraction(1), Fraction(1) + Fraction(14, 250), 0)
    assert close.lines() == []

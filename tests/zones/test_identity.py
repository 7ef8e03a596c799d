from fractions import Fraction

from figureground.zones.identity import Identities


def figures(who, seconds, places, size=10.0):
    found = who.update(Fraction(str(seconds)), list(places), list(places.values()), [size] * len(places))
    return [(one.figure, one.beside) for one in found]


def test_each_number_is_a_figure():
    who = Identities(Fraction(2))
    assert figures(who, 0, {5: (0.0, 0.0), 9: (90.0, 0.0)}) == [(0, None), (1, None)]
    assert figures(who, 0.1, {9: (80.0, 0.0), 5: (3.0, 0.0)}) == [(1, None), (0, None)]


def test_the_nearest_takes_over_and_the_other_comes_out_of_it():
    who = Identities(Fraction(2))
    figures(who, 0, {1: (50.0, 50.0)})
    assert figures(who, 0.1, {2: (58.0, 50.0), 3: (51.0, 50.0)}) == [(1, 0), (0, None)]


def test_after_the_memory_it_is_another():
    who = Identities(Fraction(2))
    figures(who, 0, {1: (50.0, 50.0)})
    figures(who, 1, {})
    assert figures(who, 2.1, {2: (50.0, 50.0)}) == [(1, None)]


def test_a_number_that_comes_again_after_the_memory_is_another():
    who = Identities(Fraction(2))
    figures(who, 0, {1: (50.0, 50.0)})
    assert figures(who, 3, {1: (50.0, 50.0)}) == [(1, None)]


def test_far_away_is_another():
    who = Identities(Fraction(2))
    figures(who, 0, {1: (50.0, 50.0)})
    assert figures(who, 0.1, {2: (65.0, 50.0)}) == [(1, None)]  # reach: its size, 10, and 1 more for 0.1 s


def test_no_number_is_no_figure():
    assert figures(Identities(Fraction(2)), 0, {-1: (0.0, 0.0)}) == []

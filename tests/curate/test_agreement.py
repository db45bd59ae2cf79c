from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medpix2.curate.agreement import agreement, share_of


def readings(*pairs: tuple[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    first = {str(n): one for n, (one, _) in enumerate(pairs)}
    return first, {str(n): other for n, (_, other) in enumerate(pairs)}


def test_kappa_is_that_of_the_textbook():
    # 20 yes/yes, 5 yes/no, 10 no/yes, 15 no/no: po 0.7, pe 0.5, kappa 0.4.
    pairs = [("a", "a")] * 20 + [("a", "e")] * 5 + [("e", "a")] * 10 + [("e", "e")] * 15
    found = agreement(*readings(*pairs))
    assert (found.items, found.same) == (50, 35)
    assert found.kappa == pytest.approx(0.4)
    assert found.table[("e", "a")] == 10
    assert len(found.differing) == 15


def test_items_that_only_one_has_are_left_out():
    found = agreement({"1": "a", "2": "e", "3": "a"}, {"2": "e", "3": "a", "4": "e"})
    assert (found.items, found.kappa) == (2, 1.0)


def test_there_is_no_kappa_where_no_agreement_beyond_chance_could_show():
    assert agreement({}, {}).kappa is None
    assert agreement(*readings(("a", "a"), ("a", "a"))).kappa is None


@given(st.lists(st.tuples(st.sampled_from("ae"), st.sampled_from("ae")), max_size=30))
def test_kappa_does_not_depend_on_who_read_first(pairs):
    first, second = readings(*pairs)
    one, other = agreement(first, second).kappa, agreement(second, first).kappa
    assert (one is None and other is None) or one == pytest.approx(other)
    assert one is None or -1 <= one <= 1


def test_a_share_has_wilson_s_interval():
    found = share_of(1, 10)  # 0.0179 to 0.4042, as tables have it
    assert (found.low, found.high) == (
        pytest.approx(0.0179, abs=5e-4),
        pytest.approx(0.4042, abs=5e-4),
    )
    assert share_of(0, 100).high == pytest.approx(0.0370, abs=5e-4)
    assert (share_of(0, 0).low, share_of(0, 0).high, share_of(0, 0).share) == (0.0, 1.0, 0.0)

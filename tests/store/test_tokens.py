from __future__ import annotations

import pytest

from medpix2.store.tokens import LONGEST, stems_of, words_in


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Left LUNG", ["left", "lung"]),
        ("T2-weighted, 3.5 cm", ["t2", "weighted", "", "3", "", "5", "cm"]),
        ("Ménière's and ‘Crohn’s’", ["meniere", "and", "crohn"]),
        ("a_b/c don't", ["a", "b", "c", "don't"]),
        ("ﬁbroma — 10 µm²", ["fibroma", "10", "μm2"]),
        ("(mass) [x]", ["", "mass", "", "", "x", ""]),
        ("' '' \0 $ \udcff", ["", ""]),
        ("肺 癌。", ["肺", "癌"]),
        ("", []),
    ],
)
def test_a_text_is_parted_into_folded_words_and_gaps(text, words):
    assert words_in(text) == words


def test_the_same_word_is_found_with_and_without_a_mark_that_is_not_ascii():
    assert words_in("left lung, 5 mm. Mass")[:3] == words_in("left\u00a0lung, 5 mm. “Mass”")[:3]


def test_a_word_without_end_is_cut():
    assert words_in("x" * 100_000) == ["x" * LONGEST]


def test_forms_of_a_word_have_one_stem():
    assert len(set(stems_of(["tumor", "tumors", "tumoral"]))) < 3
    assert stems_of(["masses"]) == stems_of(["mass"])

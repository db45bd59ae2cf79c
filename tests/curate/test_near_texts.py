from __future__ import annotations

import random
from itertools import combinations

import pytest

from medpix2.curate.near_texts import NearTexts, words_of

TEXT = (
    "A 45-year-old man came with cough and fever that had lasted for three weeks and did not "
    "respond to treatment by his family doctor"
)


def shingles(text: str, size: int) -> set[tuple[str, ...]]:
    words = words_of(text)
    return {tuple(words[at : at + size]) for at in range(len(words) - size + 1)}


def jaccard(one: str, other: str, size: int) -> float:
    a, b = shingles(one, size), shingles(other, size)
    return len(a & b) / len(a | b)


def gathered(texts, **more):
    made = NearTexts(**{"threshold": 0.7, "size": 2, **more})
    for name, text in texts.items():
        made.add(name, text)
    return made


def test_words_are_compared_without_case_punctuation_and_underscores():
    assert words_of("Left-sided PAIN_x, 3.5 cm (Ménière)") == [
        "left", "sided", "pain", "x", "3", "5", "cm", "ménière",
    ]  # fmt: skip


def test_texts_of_the_same_words_are_one_group_whatever_their_spelling():
    made = gathered({"A": TEXT, "B": TEXT.upper().replace(" ", "\n "), "C": "x " + TEXT})
    assert made.same() == [["A", "B"]]
    (pair,) = made.pairs()
    assert (pair.ones, pair.others) == (["A", "B"], ["C"])
    assert pair.similarity == round(jaccard(TEXT, "x " + TEXT, 2), 4)


def test_a_text_with_too_few_words_is_not_compared():
    made = gathered({"A": "Cough and fever.", "B": "Cough and fever."}, shortest=4)
    assert made.same() == []
    assert list(made.pairs()) == []
    assert gathered({"A": "Cough and fever.", "B": "cough, and fever"}, shortest=3).same()


def test_nothing_is_found_among_no_texts_or_one():
    assert list(gathered({}).pairs()) == []
    assert list(gathered({"A": TEXT}).pairs()) == []
    # Two texts that have no shingle in common at all.
    assert list(gathered({"A": "a b c d e f g h", "B": "i j k l m n o p"}).pairs()) == []


@pytest.mark.parametrize("size", [2, 3])
def test_the_pairs_are_those_that_comparing_all_with_all_finds(size):
    r = random.Random(7)
    words = [f"w{n}" for n in range(300)]
    texts = {}
    for family in range(30):
        first = r.choices(words, k=r.randint(12, 60))
        for member in range(4):
            changed = list(first)
            for _ in range(member * r.randint(0, 2)):
                changed[r.randrange(len(changed))] = r.choice(words)
            texts[f"{family}.{member}"] = " ".join(changed)
    made = gathered(texts, threshold=0.75, size=size)
    one_of = {name: group[0] for group in made.same() for name in group}
    apart = [name for name in texts if one_of.get(name, name) == name]
    expected = {
        (a, b): round(jaccard(texts[a], texts[b], size), 4)
        for a, b in combinations(apart, 2)
        if jaccard(texts[a], texts[b], size) >= 0.75
    }
    found = {(pair.ones[0], pair.others[0]): pair.similarity for pair in made.pairs()}
    assert len(expected) > 10
    assert found == expected


def test_many_texts_that_differ_in_one_word_are_compared_with_their_neighbours_only():
    made = gathered({f"{n:04d}": f"{TEXT} {n}" for n in range(600)})
    pairs = list(made.pairs())
    assert len(pairs) < 600 * 32 * 64
    assert {pair.ones[0] for pair in pairs} | {pair.others[0] for pair in pairs} == {
        f"{n:04d}" for n in range(600)
    }

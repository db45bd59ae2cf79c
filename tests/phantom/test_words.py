from random import Random

from medpix2.phantom import words


def test_eponyms_differ():
    names = [words.eponym(number) for number in range(13_000)]
    assert len(set(names)) == len(names)


def test_terms_and_drugs_differ():
    assert len(set(words.terms())) == len(words.terms())
    assert len(set(words.drugs())) == len(words.drugs())


def test_zipf_prefers_the_first_words():
    r, vocabulary = Random(1), tuple(str(i) for i in range(1000))
    drawn = [int(words.zipf(vocabulary, r.random())) for _ in range(5000)]
    assert min(drawn) == 0
    assert max(drawn) > 900
    assert sum(rank == 0 for rank in drawn) > 4 * sum(rank == 9 for rank in drawn)

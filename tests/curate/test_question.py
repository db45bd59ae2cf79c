from __future__ import annotations

import pytest

from medpix2.curate.question import MAX_LENGTH, STOP_WORDS, read_question
from medpix2.errors import QueryError


def terms(text, **more):
    question = read_question(text, **more)
    return [group.term for group in question.groups], list(question.without)


@pytest.mark.parametrize(
    ("text", "groups", "without"),
    [
        ("lung mass", ["lung", "mass"], []),
        ("  lung\t\nmass ", ["lung", "mass"], []),
        ('lung "left upper lobe"', ["lung", "left upper lobe"], []),
        ("lung -mass", ["lung"], ["mass"]),
        ('lung -"upper lobe"', ["lung"], ["upper lobe"]),
        ("lung -T2-weighted", ["lung"], ["T2-weighted"]),
        ("T2-weighted", ["T2-weighted"], []),
        ('"unclosed phrase', ["unclosed", "phrase"], []),
        ("lung, (mass)!", ["lung", "mass"], []),
        ("the mass of a lung", ["mass", "lung"], []),
        ('"the mass of a lung"', ["the mass of a lung"], []),
        ("renal cell carcinoma", ["renal cell carcinoma"], []),
        ("lung - mass", ["lung", "mass"], []),
        ("lung\0mass", ["lung mass"], []),
        ("", [], []),
        ("   ", [], []),
    ],
)
def test_words_phrases_and_what_must_not_occur(text, groups, without):
    assert terms(text, widening=False) == (groups, without)


def test_a_term_is_widened_and_says_how():
    question = read_question("tumour of the kidney")
    assert question.widened == ["tumour = tumor", "kidney = renal"]
    assert question.groups[1].all == ("kidney", "renal")


def test_phrases_and_what_must_not_occur_are_not_widened():
    assert read_question('mass "kidney" -tumour').widened == []
    assert read_question("tumour", widening=False).widened == []


@pytest.mark.parametrize("text", ["the", "THE of And", "?", '"..."', "- -", "\0"])
def test_a_text_without_a_word_is_refused(text):
    with pytest.raises(QueryError, match="no word to look for"):
        read_question(text)


@pytest.mark.parametrize("text", ["-lung", '-"left lung"', "the -lung"])
def test_a_text_that_says_only_what_must_not_occur_is_refused(text):
    with pytest.raises(QueryError, match="only what must not occur"):
        read_question(text)


def test_a_text_of_the_greatest_length_is_read_and_a_longer_one_refused():
    assert read_question("x" * MAX_LENGTH).groups
    with pytest.raises(QueryError, match="use at most"):
        read_question("x" * (MAX_LENGTH + 1))


def test_the_stop_words_are_those_that_the_text_index_leaves_out(store):
    known = "now can will just don s t lung may patient left right new old normal".split()
    words = sorted(STOP_WORDS | set(known))
    texts = store.db["texts"]
    texts.create_index([("text", "text")], default_language="english")
    texts.insert_many([{"_id": word, "text": word} for word in words])

    def finds(word):
        asked = word if word.isalnum() else f'"{word}"'
        return any(row["_id"] == word for row in texts.find({"$text": {"$search": asked}}))

    assert {word for word in words if not finds(word)} == STOP_WORDS


def test_fields_are_read_with_words_and_phrases():
    question = read_question('lung title:Tumour -caption:"left lung" plane:axial -sex:male age:30-')
    assert [group.term for group in question.groups] == ["lung"]
    assert [(part.field, part.term.term, part.without) for part in question.within] == [
        ("Case.Title", "Tumour", False), ("Description.Caption", "left lung", True),
    ]  # fmt: skip
    assert question.within[0].term.also == ("tumor",)
    assert question.within[1].term.also == ()
    labels = [(label.facet, label.value, label.without) for label in question.labels]
    assert labels == [("plane", "axial", False), ("sex", "male", True)]
    assert question.ages == ((30, None),)


def test_fields_alone_are_a_question_but_not_what_must_not_occur():
    assert not read_question("plane:axial").has_text
    assert read_question('title:"the"').has_text
    with pytest.raises(QueryError, match="no word to look for"):
        read_question("title:the")
    with pytest.raises(QueryError, match="only what must not occur"):
        read_question("-title:mass plane:axial")


def test_a_colon_after_no_field_is_a_mark():
    assert terms("ratio:high note: mass 12:30") == (["ratio:high", "note", "mass", "12:30"], [])

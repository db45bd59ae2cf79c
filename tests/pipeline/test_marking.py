from __future__ import annotations

from medpix2.curate.question import read_question
from medpix2.pipeline.marking import AROUND, Marker

CASE = {
    "Case": {
        "Title": "Tumor of the lung",
        "Case Diagnosis": "Tumor of the lung",
        "Findings": "word " * 60 + "a pulmonary mass of the left lung " + "word " * 60,
        "History": "A cough.",
    },
    "Topic": {"Title": None},
}


def marked(text, marks):
    return [text[start:end] for start, end in marks]


def test_all_spellings_and_forms_are_marked_and_what_must_not_occur_is_not():
    marker = Marker(read_question("tumour lung -title:cough"))
    title = CASE["Case"]["Title"]
    assert marked(title, marker.marks(title, "Case.Title")) == ["Tumor", "lung"]
    assert marker.marks("A cough.", "Case.History") == []
    assert marker.marks(None, "Case.Title") == []


def test_words_of_a_field_are_marked_there_alone():
    marker = Marker(read_question("caption:mass"))
    assert marker.marks("a mass", "Description.Caption") == [(2, 6)]
    assert marker.marks("a mass", "Case.Title") == []
    assert marker.passage(CASE) is None


def test_a_passage_shows_the_words_and_a_little_around_them():
    passage = Marker(read_question("lung")).passage(CASE)
    assert passage.field == "Case.Findings"
    assert marked(passage.text, passage.marks) == ["pulmonary", "lung"]
    assert passage.text.startswith("\u2026 word ")
    assert passage.text.endswith(" \u2026")
    assert len(passage.text) < 3 * AROUND


def test_what_the_title_says_already_is_no_passage():
    assert Marker(read_question("tumor")).passage(CASE) is None
    assert Marker(read_question("")).passage(CASE) is None

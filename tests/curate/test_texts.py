from medpix2.curate.texts import CAPTION, excerpt, text_at, texts_of


def test_what_stands_at_a_field_whatever_the_document_is():
    document = {"Case": {"History": "  A cough. ", "Exam": None, "Media": 3}, "Topic": "broken"}
    assert text_at(document, "Case.History") == "A cough."
    assert text_at(document, "Case.Exam") == text_at(document, "Case.Media") == ""
    assert text_at(document, "Topic.Title") == text_at(None, "Case.Exam") == ""


def test_texts_of_the_case_come_before_those_of_its_images(subject_of):
    subject = subject_of("A cyst.", None, case={"Case.History": "Pain.", "Case.Title": ""})
    found = list(texts_of(subject, ("Case.Title", "Case.History")))
    assert found == [("MPX1", "Case.History", "Pain."), ("MPX1_0", CAPTION, "A cyst.")]


def test_an_excerpt_has_whole_words_and_one_line():
    text = "Somebody came yesterday\nwith pain in the hip afterwards."
    start = text.index("pain")
    assert excerpt(text, start, start + 4, 8) == "yesterday with pain in the hip"
    assert excerpt("short", 0, 5) == "short"

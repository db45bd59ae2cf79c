from __future__ import annotations

from medpix2.cli.page import case_page
from medpix2.pipeline.build import build
from medpix2.pipeline.find import show
from medpix2.store.database import open_store


def page(settings, name, columns=80):
    with open_store(settings) as store:
        return "\n".join(case_page(show(store, name), "/pictures", columns))


def test_a_page_has_the_report_the_topic_and_every_picture(fresh_home, source):
    source.found("MPX1")["Case"]["Discussion"] = "word " * 60 + "\n\nA second paragraph."
    build(fresh_home, source.write())
    text = page(fresh_home, "MPX1")
    assert text.startswith("MPX1  Title of MPX1\n====")
    assert "status accepted  split train  source published" in text
    assert "\nHistory\n  A cough.\n" in text
    assert "Topic: Ménière" in text
    assert "Pictures (3)" in text
    for name in source.found("MPX1")["TAC"] + source.found("MPX1")["MRI"]:
        assert f"\n{name}  " in text
    assert "8 x 8 L" in text
    assert ": /pictures/" in text
    assert max(map(len, text.splitlines()[:-1])) <= 110
    assert all(len(line) <= 80 for line in text.splitlines() if "word word" in line)


def test_a_page_says_why_something_is_excluded(fresh_home, source):
    source.pictures["MPX1_ct0"] = b""
    source.found("MPX3")["Case"] = 1
    build(fresh_home, source.write())
    assert "  excluded: its picture is empty (0 bytes)" in page(fresh_home, "MPX1")
    assert "status excluded" in page(fresh_home, "MPX3")


def test_a_page_of_pictures_without_a_case(fresh_home, source):
    source.image("MPX9", "ct0")
    build(fresh_home, source.write())
    text = page(fresh_home, "MPX9_ct0")
    assert text.startswith("MPX9  (no report in the source)\n")
    assert "excluded: its case is not in the source" in text


def test_a_case_without_pictures_or_texts(fresh_home, source):
    source.found("MPX4").update(Case={}, Topic={})
    build(fresh_home, source.write())
    text = page(fresh_home, "MPX4", 30)
    assert "Pictures (0)" in text
    assert all(len(line) <= 72 for line in text.splitlines())

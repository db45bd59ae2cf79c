import html
import re

from hypothesis import given
from hypothesis import strategies as st

from medpix2.phantom.sites.entities import abstract, bare, escaped, sections_of


@given(st.text())
def test_unescaping_gives_the_text_again(text):
    assert html.unescape(escaped(text)) == text
    assert html.unescape(bare(text)) == text
    assert not re.search(r"[<>]", escaped(text))


def test_titles_and_captions_are_bare_where_that_is_safe():
    assert bare("A & B, 5 < 6") == "A & B, 5 < 6"
    assert bare("R&eacute;sum&eacute;") == "R&amp;eacute;sum&amp;eacute;"
    assert bare("see <b>") == "see &lt;b&gt;"


def test_sections_come_in_open_is_order_and_absent_ones_are_missing():
    made = abstract({"Exam": "n/a", "Diagnosis": "A • B", "History": "one\ntwo", "Ddx": None})
    assert made == (
        "<p><b>Diagnosis: </b>A &bull; B</p><p><b>History: </b>one\ntwo</p><p><b>Exam: </b>n/a</p>"
    )
    assert sections_of(made) == {"Diagnosis": "A • B", "History": "one\ntwo", "Exam": "n/a"}

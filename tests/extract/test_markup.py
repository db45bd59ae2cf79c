from __future__ import annotations

from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medpix2.extract.markup import SECTIONS, plain_text, sections, unescaped

texts = st.text(st.characters(codec="utf-8")) | st.lists(
    st.sampled_from(
        [
            "<",
            ">",
            "&lt;",
            "&amp;",
            "&",
            "</p>",
            "<p><b>Findings: </b>",
            "Findings:",
            "<b>",
            "\n",
            "a",
        ]
    )
).map("".join)


@given(texts)
def test_what_a_site_escaped_comes_back(text: str) -> None:
    assert plain_text(escape(text)) == text.strip()


@given(st.dictionaries(st.sampled_from(SECTIONS), texts))
def test_sections_come_back(written: dict[str, str]) -> None:
    abstract = "".join(f"<p><b>{name}: </b>{escape(text)}</p>" for name, text in written.items())
    assert sections(abstract) == {name: text.strip() for name, text in written.items()}


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("one<br>two<br />\nthree", "one\ntwo\nthree"),
        ("<p class='x'>one</p><p>two</p>", "one\n\ntwo"),
        ('<a href="http://x.org/?a=1&b=2">site</a> and <I>more</I>', "site and more"),
        ("<!-- a note --><script>var a = '<b>';</script>text", "text"),
        ("copper <6 mg/dL, 5 > 4, x<y and b>c", "copper <6 mg/dL, 5 > 4, x<y and b>c"),
        ("see <http://example.org> or <b and c>", "see <http://example.org> or <b and c>"),
        ("an open <b at the end", "an open <b at the end"),
    ],
)
def test_tags_go_and_what_looks_like_one_stays(markup: str, text: str) -> None:
    assert plain_text(markup) == text


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("&amp;lt;", "&lt;"),
        ("&bull;&rsquo;&raquo;&#8226;&#x2022;", "•’»••"),
        ("?a=1&copy=2 AT&T; &nosuch;", "?a=1&copy=2 AT&T; &nosuch;"),
        ("&#150;", "–"),  # browsers read it so
        ("&#xD800;", "�"),
    ],
)
def test_entities_once_and_only_entities(written: str, text: str) -> None:
    assert unescaped(written) == text


def test_a_section_keeps_raw_paragraphs_and_raw_words() -> None:
    abstract = (
        "<p><b>History: </b>one</p><p>two. Findings: none. <b>Ddx: </b> three</p>"
        "<P><B>Dxhow:</B>Biopsy\n</P>"
    )
    assert sections(abstract) == {
        "History": "one\n\ntwo. Findings: none. Ddx:  three",
        "Dxhow": "Biopsy",
    }


def test_a_section_that_comes_twice_is_joined() -> None:
    assert sections("<p><b>Exam: </b>a</p><p><b>Exam: </b>b</p>") == {"Exam": "a\nb"}


def test_text_without_headings_has_no_sections() -> None:
    assert sections("History: cough") == {}

from __future__ import annotations

from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient
from pydantic import BaseModel

from medpix2.browse.page import add_page, marked, pretty, templates


class Said(BaseModel):
    failed: str
    todo: str = "nothing"


def test_one_function_answers_html_and_json(tmp_path):
    def page(word: str, times: int = 1) -> Said:
        """Say a word."""
        return Said(failed=word * times)

    made = templates()
    made.env.loader.searchpath.append(str(tmp_path))
    (tmp_path / "said.html").write_text("<b>{{ page.failed }}</b>")
    app, router = FastAPI(), APIRouter()
    add_page(router, made, "/say/{word}", "said.html", page)
    app.include_router(router)
    client = TestClient(app)
    assert client.get("/say/ab.json?times=2").json() == {"failed": "abab", "todo": "nothing"}
    assert client.get("/say/<i>?times=2").text == "<b>&lt;i&gt;&lt;i&gt;</b>"


def test_words_are_marked_and_all_else_is_escaped():
    assert marked("a <b> c", [(2, 5), (6, 7)]) == "a <mark>&lt;b&gt;</mark> <mark>c</mark>"
    assert marked(None, []) == ""


def test_a_document_is_shown_as_it_is():
    assert pretty({"a": "é", "b": None}) == '{\n  "a": "é",\n  "b": null\n}'

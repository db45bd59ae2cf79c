from __future__ import annotations

from medpix2.browse.origin import all_credits, licence_of, origin_of

CREDIT = {"role": "author", "name": "Ada Example", "affiliation": "A Hospital"}


def test_pages_on_the_web_and_credits_are_told():
    origin = origin_of(
        {
            "site": "openi", "name": "2026", "licence": "CC BY-NC-ND", "credits": [CREDIT],
            "page_url": "https://medpix.example.org/case?id=1",
            "image_url": "https://openi.example.org/imgs/1.png", "origin": "/a/folder",
        }
    )  # fmt: skip
    assert [(link.text, link.address) for link in origin.links] == [
        ("Page on MedPix", "https://medpix.example.org/case?id=1"),
        ("Picture on Open-i", "https://openi.example.org/imgs/1.png"),
    ]
    assert [row.model_dump() for row in origin.credits] == [CREDIT]
    assert "/a/folder" not in origin.model_dump_json()


def test_an_address_that_is_none_for_the_web_is_no_link():
    assert origin_of({"page_url": "javascript:alert(1)", "image_url": "/imgs/1.png"}).links == []
    assert origin_of({}).links == []


def test_everybody_is_credited_once():
    one, other = (
        origin_of({"credits": [CREDIT]}),
        origin_of({"credits": [CREDIT, {**CREDIT, "name": "B"}]}),
    )
    assert [row.name for row in all_credits([one, other])] == ["Ada Example", "B"]


def test_the_licence_is_what_a_source_states_or_what_medpix_has():
    stated, published = (
        origin_of({"site": "openi", "licence": "X"}),
        origin_of({"site": "published"}),
    )
    assert licence_of([published, stated]) == "X"
    assert licence_of([published]) == "CC BY-NC-ND 4.0"
    assert licence_of([origin_of({"site": "phantom"})]) is None

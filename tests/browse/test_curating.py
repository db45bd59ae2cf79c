from __future__ import annotations

import re

import pytest
from argon2 import PasswordHasher
from fastapi.testclient import TestClient

from medpix2.browse.access import access_for
from medpix2.browse.app import make_app
from medpix2.pipeline import accounts
from medpix2.store.decisions import read_decisions


def form_of(page: str, action: str = "accept", **more: str) -> dict[str, list[str] | str]:
    """Return what the form of an action sends, as a browser without JavaScript does."""
    forms = re.findall(r'<form method="post" action="/curate/decide".*?</form>', page, re.S)
    form = next(form for form in forms if f'value="{action}"' in form)
    sent: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form):
        sent.setdefault(name, []).append(value)
    return {**sent, "action": action, **more}


def status(store, name: str) -> str:
    return store.current.find_one({"_id": name})["meta"]["status"]


def test_a_decision_by_form_leads_to_the_next_one_and_can_be_undone(curators, flagged):
    ann = curators("ann")
    answer = ann.post("/curate/decide", data=form_of(ann.get("/curate").text))
    assert "after=dark%3AMPX1_ct0&done=MPX1_ct0" in str(answer.url)
    assert "MPX1_ct1: dark" in answer.text
    (made,) = read_decisions(flagged.db)
    assert (made.action, made.by, made.rules) == ("accept", "ann", ("dark",))
    assert status(flagged, "MPX1_ct0") == "accepted"
    answer = ann.post("/curate/decide", data=form_of(answer.text, "undo"))
    assert "MPX1_ct0: dark" in answer.text
    assert status(flagged, "MPX1_ct0") == "pending"


def test_to_exclude_needs_a_reason_and_what_was_typed_is_kept(curators, flagged):
    ann = curators("ann")
    page = ann.get("/curate?rule=dark").text
    answer = ann.post("/curate/decide", data=form_of(page, "exclude", reason=" "))
    assert answer.status_code == 400
    assert "has no reason to exclude" in answer.text
    answer = ann.post("/curate/decide", data=form_of(page, "exclude", reason="no <scan>"))
    assert "no &lt;scan&gt;" in answer.text
    assert "rule=dark" in str(answer.url)
    assert status(flagged, "MPX1_ct0") == "excluded"


def test_a_correction_by_form_is_accepted_as_well_if_asked(curators, flagged):
    ann = curators("ann")
    wanted = {"field": "Description.Caption", "new": "Two\r\nlines", "accepts": "on"}
    ann.post("/curate/decide", data=form_of(ann.get("/curate").text, "correct", **wanted))
    current = flagged.current.find_one({"_id": "MPX1_ct0"})
    assert current["Description"]["Caption"] == "Two\nlines"
    assert current["meta"]["status"] == "accepted"
    page = ann.get("/curate?item=dark:MPX1_ct1").text
    answer = ann.post("/curate/decide", data=form_of(page, "correct", field="Type", new="US"))
    assert answer.status_code == 400
    assert "it can be CT, MR" in answer.text
    assert re.search(r"<textarea[^>]*>US</textarea>", answer.text)


def test_a_duplicate_is_merged_into_the_other(curators, flagged):
    ann = curators("ann")
    page = ann.get("/curate?rule=twins").text
    ann.post("/curate/decide", data=form_of(page, "merge", into="MPX2_mr1"))
    (made,) = read_decisions(flagged.db)
    assert (made.target, made.into) == ("MPX2_mr0", "MPX2_mr1")
    answer = ann.post("/curate/decide", data=form_of(page, "merge", into="MPX2_mr1"))
    assert answer.status_code == 409


def test_of_two_at_once_the_second_is_told_what_the_first_decided(curators, flagged):
    ann, bob = curators("ann"), curators("bob")
    hers, his = ann.get("/curate").text, bob.get("/curate").text
    ann.post("/curate/decide", data=form_of(hers))
    answer = bob.post("/curate/decide", data=form_of(his, "exclude", reason="dark"))
    assert answer.status_code == 409
    assert "ann has decided on MPX1_ct0 meanwhile (accept)" in answer.text
    assert len(list(read_decisions(flagged.db))) == 1
    answer = bob.post("/curate/decide", data=form_of(answer.text, "exclude", reason="dark"))
    assert answer.status_code == 200
    assert [made.by for made in read_decisions(flagged.db)] == ["ann", "bob"]
    assert status(flagged, "MPX1_ct0") == "excluded"


def test_scripts_are_told_in_json(curators, flagged):
    ann = curators("ann")
    ann.headers["Accept"] = "application/json"
    shown = ann.get("/curate.json").json()["item"]
    token = re.search(r'name="csrf" value="(\w+)"', ann.get("/curate").text)[1]
    asked = {
        "target": shown["side"]["id"], "action": "accept", "stamp": shown["stamp"],
        "rules": shown["rules"],
    }  # fmt: skip
    answer = ann.post("/curate/decide", data=asked, headers={"X-CSRF-Token": token})
    assert [row["by"] for row in answer.json()] == ["ann"]
    answer = ann.post("/curate/decide", data=asked, headers={"X-CSRF-Token": token})
    assert answer.status_code == 409
    assert [row["by"] for row in answer.json()["decisions"]] == ["ann"]


def test_nobody_decides_without_a_name_or_from_another_site(curators, flagged):
    nobody = curators("")
    page = nobody.get("/curate").text
    assert "Your name" in page
    assert 'value="accept"' not in page
    ann = curators("ann")
    form = form_of(ann.get("/curate").text)
    for wrong in ({"csrf": "no"}, {"csrf": ""}):
        assert ann.post("/curate/decide", data={**form, **wrong}).status_code == 403
    evil = {"Origin": "http://evil.example"}
    assert ann.post("/curate/decide", data=form, headers=evil).status_code == 403
    assert list(read_decisions(flagged.db)) == []


def test_what_no_form_sends_is_refused(curators, flagged):
    ann = curators("ann")
    form = form_of(ann.get("/curate").text)
    for wrong, code in (
        ({"action": "drop"}, 422), ({"target": "x" * 301}, 422), ({"target": "MPX9"}, 404),
        ({"stamp": ""}, 422), ({"stamp": "0-0"}, 409), ({"rules": "no-such-rule"}, 400),
        ({"more": "1"}, 422), ({"new": "x" * 20_001}, 422), ({"reason": "\0" * 2001}, 422),
    ):  # fmt: skip
        assert ann.post("/curate/decide", data={**form, **wrong}).status_code == code, wrong
    assert list(read_decisions(flagged.db)) == []


def test_an_address_that_leads_elsewhere_is_not_followed(curators):
    ann = curators("ann")
    form = form_of(ann.get("/curate").text, here="//evil.example/?rule=dark&show=nonsense")
    answer = ann.post("/curate/decide", data=form, follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/curate?")


def test_the_report_is_a_page(curators):
    page = curators("").get("/curate/report").text
    assert "source documents" in page
    assert "/curate?rule=dark&amp;show=all" in page


@pytest.mark.parametrize(("role", "code"), [("curator", 303), ("reader", 403)])
def test_curators_decide_under_the_name_of_their_log_in_and_readers_look(
    flagged, monkeypatch, role, code
):
    quick = PasswordHasher(time_cost=1, memory_cost=64)
    monkeypatch.setattr(accounts, "_hasher", lambda: quick)
    accounts.add_user(flagged.settings, "zoe", role, "correct horse")
    app = make_app(flagged.settings, access_for("127.0.0.1", names=["medpix.example"]))
    page = {"Accept": "text/html"}
    with TestClient(
        app, base_url="http://medpix.example", headers=page, follow_redirects=False
    ) as zoe:
        token = re.search(r'name="csrf" value="(\w+)"', zoe.get("/login").text)[1]
        zoe.post("/login", data={"name": "zoe", "password": "correct horse", "csrf": token})
        shown = zoe.get("/curate").text
        assert ('value="accept"' in shown) == (role == "curator")
        item = zoe.get("/curate.json").json()["item"]
        form = {
            "target": item["side"]["id"], "action": "accept", "stamp": item["stamp"],
            "rules": item["rules"], "csrf": zoe.get("/visitor.json").json()["csrf"],
        }  # fmt: skip
        zoe.cookies.set("medpix2_curator", "ann")  # whatever name a browser says
        assert zoe.post("/curate/decide", data=form).status_code == code
    assert [made.by for made in read_decisions(flagged.db)] == ["zoe"] * (role == "curator")

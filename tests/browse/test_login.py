from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher
from fastapi import Depends
from fastapi.testclient import TestClient

from medpix2.browse.access import access_for
from medpix2.browse.app import make_app
from medpix2.browse.csrf import SESSION_COOKIE, require_csrf
from medpix2.browse.login import LIMITS, local_path
from medpix2.browse.visitor import require_curator
from medpix2.pipeline import accounts
from medpix2.pipeline.accounts import add_user, remove_user

SITE = "http://medpix.example"
PASSWORD = "correct horse"
PAGE = {"Accept": "text/html"}


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch):
    """Hash passwords with less work than in earnest."""
    monkeypatch.setattr(accounts, "_hasher", lambda: PasswordHasher(time_cost=1, memory_cost=64))


@pytest.fixture
def app(fresh_home):
    for name, role in (("ann", "curator"), ("bob", "reader")):
        add_user(fresh_home, name, role, PASSWORD)
    made = make_app(fresh_home, access_for("127.0.0.1", names=["medpix.example"]))

    @made.post("/decide", dependencies=[Depends(require_curator), Depends(require_csrf)])
    def decide() -> str:
        return "decided"

    return made


@pytest.fixture
def client(app) -> Iterator[TestClient]:
    with TestClient(app, base_url=SITE, headers=PAGE, follow_redirects=False) as made:
        yield made


def log_in(client: TestClient, name: str, password: str = PASSWORD, **more: str):
    """Fill in the form of the log-in page, as a browser does."""
    page = client.get("/login").text
    token = page.split('name="csrf" value="')[1].split('"')[0]
    data = {"name": name, "password": password, "csrf": token, **more}
    return client.post("/login", data=data, headers={"Origin": SITE})


def test_nothing_but_the_log_in_is_for_those_who_have_not_logged_in(client, app):
    described = [path for path, ways in app.openapi()["paths"].items() if "get" in ways]
    assert {"/search.json", "/case/{name}.json"} <= set(described)
    json = {"Accept": "application/json"}
    for path in {"/", "/login", "/nowhere", "/search", "/case/{name}", *described}:
        asked = re.sub(r"{(\w+)}", lambda name: "160" if name[1] == "side" else "x", path)
        status = client.get(asked, headers=json).status_code
        open_to_all = {"/login": 200, "/healthz": 200, "/nowhere": 404}
        assert status == open_to_all.get(path, 401), path


def test_who_is_led_to_the_log_in_comes_back_to_the_page(client):
    led = client.get("/search?q=tumor&by=case")
    assert led.status_code == 303
    assert led.headers["location"] == "/login?next=%2Fsearch%3Fq%3Dtumor%26by%3Dcase"
    assert "/search?q=tumor&amp;by=case" in client.get(led.headers["location"]).text
    done = log_in(client, "Ann ", next="/search?q=tumor&by=case")
    assert (done.status_code, done.headers["location"]) == (303, "/search?q=tumor&by=case")
    assert client.get("/visitor.json").json()["role"] == "curator"


def test_the_session_is_for_no_script_and_ends_with_the_log_out(client):
    cookie = log_in(client, "ann").headers.get_list("set-cookie")[0]
    assert cookie.startswith(f"{SESSION_COOKIE}=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    session = client.cookies[SESSION_COOKIE]
    token = client.get("/visitor.json").json()["csrf"]
    assert client.post("/logout", data={"csrf": "no"}).status_code == 403
    assert client.post("/logout", data={"csrf": token}).status_code == 303
    client.cookies.set(SESSION_COOKIE, session)  # as a thief would
    assert client.get("/visitor.json").status_code == 401


def test_no_other_site_changes_anything(client, app):
    log_in(client, "ann")
    described = [path for path, ways in app.openapi()["paths"].items() if "post" in ways]
    for path in ("/login", "/logout", *described):
        asked = re.sub(r"{\w+}", "x", path)
        assert client.post(asked, headers={"Origin": "http://evil.example"}).status_code == 403, (
            path
        )
    assert client.get("/visitor.json").status_code == 200


def test_over_https_the_session_needs_https(fresh_home):
    add_user(fresh_home, "ann", "reader", PASSWORD)
    app = make_app(fresh_home, access_for("127.0.0.1", names=["medpix.example"], https=True))
    site = SITE.replace("http:", "https:")
    with TestClient(app, base_url=site, headers=PAGE, follow_redirects=False) as client:
        assert "; Secure" in log_in(client, "ann").headers["set-cookie"]


def test_readers_read_and_curators_decide(client):
    log_in(client, "bob")
    token = {"X-CSRF-Token": client.get("/visitor.json").json()["csrf"]}
    assert client.post("/decide", headers=token).status_code == 403
    log_in(client, "ann")
    token = {"X-CSRF-Token": client.get("/visitor.json").json()["csrf"]}
    assert client.post("/decide", headers=token).json() == "decided"
    assert client.post("/decide").status_code == 403  # another site has no token


def test_a_removed_user_is_out_at_once(client, fresh_home):
    log_in(client, "bob")
    assert client.get("/visitor.json").status_code == 200
    remove_user(fresh_home, "bob")
    assert client.get("/visitor.json").status_code == 401


def test_wrong_passwords_are_said_and_then_slowed_down(client):
    for _ in range(LIMITS[0]):
        wrong = log_in(client, "ann", "wrong horse")
        assert wrong.status_code == 403
        assert "password is wrong" in wrong.text
    assert log_in(client, "nobody").status_code == 403
    late = log_in(client, "ann")  # now even the right one has to wait
    assert late.status_code == 429
    assert "minutes" in late.text
    assert log_in(client, "bob").status_code == 303


def test_no_log_in_leads_elsewhere(client):
    for wanted in (
        "//evil.example", "/\\evil.example", "http://evil.example", "javascript:x", "",
        "/\r\nX: y", "/\t/evil.example",
    ):  # fmt: skip
        assert log_in(client, "ann", next=wanted).headers["location"] == "/"


def test_under_a_path_of_a_proxy_only_that_is_ours():
    class Asked:
        scope = {"root_path": "/med"}  # noqa: RUF012

    assert local_path("/med/search", Asked()) == "/med/search"
    assert local_path("/other", Asked()) == "/med/"

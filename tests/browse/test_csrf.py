from __future__ import annotations

import pytest
from fastapi import Depends, FastAPI, Request
from fastapi.testclient import TestClient

from medpix2.browse.access import Access
from medpix2.browse.csrf import VISIT_COOKIE, Visits, csrf_token, require_csrf
from medpix2.browse.page import templates
from medpix2.browse.problems import add_problems

SITE = "http://localhost"
JSON = {"Accept": "application/json"}


@pytest.fixture
def client() -> TestClient:
    app, access = FastAPI(), Access()
    app.state.access = access

    @app.get("/form")
    def form(request: Request) -> str:
        return csrf_token(request) + csrf_token(request)

    @app.post("/change", dependencies=[Depends(require_csrf)])
    async def change(request: Request) -> str:
        return str((await request.form()).get("value"))

    add_problems(app, templates())
    app.add_middleware(Visits, access=access)
    return TestClient(app, base_url=SITE, headers=JSON)


def token_of(client: TestClient) -> str:
    twice = client.get("/form").json()
    assert twice[:64] == twice[64:]
    return twice[:64]


@pytest.mark.parametrize("way", ["field", "header"])
def test_the_token_of_our_form_lets_a_change_through(client, way):
    token = token_of(client)
    data, headers = {"value": "x"}, {"Origin": SITE}
    if way == "field":
        data["csrf"] = token
    else:
        headers["X-CSRF-Token"] = token
    assert client.post("/change", data=data, headers=headers).json() == "x"


@pytest.mark.parametrize("headers", [
    {"Origin": "http://evil.example"}, {"Origin": "null"}, {"Origin": "http://localhost:81"},
    {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
])  # fmt: skip
def test_another_site_changes_nothing_even_with_the_token(client, headers):
    answer = client.post("/change", data={"csrf": token_of(client)}, headers=headers)
    assert answer.status_code == 403
    assert "another site" in answer.json()["failed"].lower()


def test_a_token_of_nobody_or_of_another_visit_is_refused(client):
    stolen = token_of(client)
    for given in ("", "0" * 64, "ü", stolen):
        client.cookies.clear()
        client.cookies.set(VISIT_COOKIE, "somebody-else")
        assert client.post("/change", data={"csrf": given}).status_code == 403
    client.cookies.clear()
    origin = {"Origin": SITE}
    assert client.post("/change", data={"csrf": stolen}, headers=origin).status_code == 403


def test_the_cookie_is_for_no_script_and_comes_once(client):
    first = client.get("/form").headers["set-cookie"]
    assert "HttpOnly" in first
    assert "SameSite=Lax" in first
    assert "set-cookie" not in client.get("/form").headers


def test_what_no_browser_sent_needs_no_token(client):
    assert client.post("/change", data={"value": "y"}).json() == "y"

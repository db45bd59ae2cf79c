from __future__ import annotations

import re
from dataclasses import replace

from fastapi.testclient import TestClient

from medpix2 import __version__
from medpix2.browse.access import Access
from medpix2.browse.app import make_app


def test_the_first_address_leads_to_the_search(client):
    answer = client.get("/")
    assert answer.status_code == 200
    assert answer.url.path == "/search"


def test_health_is_that_of_the_database(client):
    assert client.get("/healthz").json() == {"status": "ok", "version": __version__}


def test_openapi_describes_every_twin_and_the_pictures(client):
    paths = client.get("/openapi.json").json()["paths"]
    assert {"/search.json", "/case/{name}.json", "/picture/{name}"} <= paths.keys()
    assert "/search" not in paths


def test_a_database_that_is_away_is_said_and_asked_again(fresh_home):
    away = replace(fresh_home, mongo_url="mongodb://127.0.0.1:9/")
    with TestClient(make_app(away), base_url="http://localhost") as client:
        page, twin = client.get("/search"), client.get("/search.json")
        assert 'http-equiv="refresh"' in page.text
        assert client.get("/healthz").json()["failed"] == twin.json()["failed"]
    for answer in (page, twin):
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "2"


def test_a_fault_of_ours_is_a_page_without_its_inside(fresh_home, monkeypatch):
    def broken(*_: object) -> None:
        raise RuntimeError("the inside")

    app = make_app(fresh_home)
    monkeypatch.setattr(app.state.holder, "store", broken)
    client = TestClient(app, base_url="http://localhost", raise_server_exceptions=False)
    answer = client.get("/search")
    assert answer.status_code == 500
    assert "the inside" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_a_path_of_a_proxy_is_before_every_address(phantom_store):
    app = make_app(phantom_store.settings, Access(root_path="/med"))
    with TestClient(app, base_url="http://localhost") as client:
        for taken_away in ("", "/med"):
            page = client.get(f"{taken_away}/search?limit=1").text
            links = re.findall(r'(?:href|src|action)="(/[^"]*)"', page)
            assert links
            assert all(link.startswith("/med/") for link in links), links

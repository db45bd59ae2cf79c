from __future__ import annotations

from medpix2 import __version__


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

from __future__ import annotations

import json
import logging

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import Response
from fastapi.testclient import TestClient

from medpix2.browse.audit import LOG, Noted, audit, keep_log
from medpix2.errors import OutputError


def client_of(all_requests: bool) -> TestClient:
    app = FastAPI()

    @app.get("/file")
    def file() -> Response:
        return Response("x", headers={"Content-Disposition": 'attachment; filename="x"'})

    @app.post("/decide")
    def decide(request: Request) -> str:
        audit(request, "decision", target="MPX1", line='a\nb"')
        return "done"

    @app.get("/page")
    def page() -> str:
        return "page"

    @app.get("/broken")
    def broken() -> str:
        raise RuntimeError("broken")

    app.add_middleware(Noted, all_requests=all_requests)
    return TestClient(app, raise_server_exceptions=False)


@pytest.fixture
def lines(tmp_path):
    """Return what reads the lines that were noted so far."""
    file = tmp_path / "logs" / "serve.log"
    handler = keep_log(file)
    yield lambda: [json.loads(line) for line in file.read_text().splitlines()]
    LOG.removeHandler(handler)
    LOG.propagate = True
    handler.close()


def test_downloads_and_changes_are_noted_and_reading_is_not(lines):
    client = client_of(all_requests=False)
    for path in ("/page", "/file", "/nowhere"):
        client.get(path)
    client.post("/decide")
    noted = lines()
    assert [row["event"] for row in noted] == ["download", "decision", "change"]
    download, decision, change = noted
    assert (download["path"], download["status"]) == ("/file", 200)
    assert decision["target"] == "MPX1"
    assert decision["line"] == 'a\nb"'
    assert (change["method"], change["address"]) == ("POST", "testclient")
    assert download["at"].endswith("+00:00")


def test_all_requests_are_noted_where_asked_even_those_that_break(lines):
    client = client_of(all_requests=True)
    for path in ("/page?q=secret", "/broken"):
        client.get(path)
    noted = lines()
    assert [(row["path"], row["status"]) for row in noted] == [("/page", 200), ("/broken", 500)]
    assert all(row["ms"] >= 0 for row in noted)


def test_an_error_is_one_line(lines):
    try:
        raise RuntimeError("broken\nin two")
    except RuntimeError:
        logging.getLogger("medpix2.serve.some").exception("oh")
    (row,) = lines()
    assert row["level"] == "error"
    assert "RuntimeError" in row["error"]


def test_a_log_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="--log-json"):
        keep_log(tmp_path / "file" / "serve.log")

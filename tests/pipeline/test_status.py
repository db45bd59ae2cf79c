from __future__ import annotations

import os

from medpix2.pipeline.build import build
from medpix2.pipeline.status import status
from medpix2.store.database import open_store


def test_a_server_that_does_not_run_is_not_started_to_ask_it(embedded_home):
    told = status(embedded_home)
    assert told["running"] is False
    assert told["users"] == []
    assert "documents" not in told
    assert not (embedded_home.home / "db").exists() or not status(embedded_home)["running"]


def test_a_running_server_tells_who_uses_it_and_what_it_holds(embedded_home, source):
    build(embedded_home, source.write())
    with open_store(embedded_home):
        told = status(embedded_home)
    assert told["running"] is True
    assert told["version"].startswith("6.0")
    assert any(str(os.getpid()) in user for user in told["users"])
    assert told["documents"]["cases"] == 5
    assert told["documents"]["images"] == 9
    assert told["data_bytes"] > 0
    assert told["port"] is None


def test_an_external_server_is_named_and_counted(fresh_home, source):
    build(fresh_home, source.write())
    told = status(fresh_home)
    assert told["server"] == fresh_home.server
    assert told["database"] == fresh_home.database
    assert told["documents"]["images"] == 9
    assert "running" not in told

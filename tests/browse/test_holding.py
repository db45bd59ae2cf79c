from __future__ import annotations

import os
import signal
from dataclasses import replace

import psutil
import pytest

from medpix2.browse.holding import Holder
from medpix2.errors import ServerGone, StoreError
from medpix2.store.database import Store
from medpix2.store.server import server_status, stop_server


def kill(settings) -> None:
    """Kill the embedded server, and wait until it is gone."""
    server = psutil.Process(server_status(settings.home).pid)
    server.send_signal(signal.SIGKILL)
    psutil.wait_procs([server], timeout=60)


@pytest.fixture
def holder(embedded_home):
    held = Holder(embedded_home)
    yield held
    held.close()


def ping(holder: Holder) -> Store:
    with holder.store() as store:
        store.db.command("ping")
        return store


def test_one_database_serves_all_requests(holder):
    assert ping(holder) is ping(holder)


def test_who_asks_while_the_database_is_opened_waits_for_it(holder):
    holder.open_soon()
    assert ping(holder) is ping(holder)


def test_a_server_that_was_killed_is_started_again_for_the_next_request(holder, embedded_home):
    before = ping(holder)
    kill(embedded_home)
    after = ping(holder)
    assert after is not before
    assert server_status(embedded_home.home).running


def test_a_server_that_was_stopped_is_started_again_for_the_next_request(holder, embedded_home):
    before = ping(holder)
    stop_server(embedded_home.home, force=True)
    assert ping(holder) is not before


def test_who_asks_as_the_server_dies_is_told_so(holder, embedded_home):
    with pytest.raises(ServerGone, match="went away"), holder.store() as store:
        store.db.command("ping")
        kill(embedded_home)
        store.db.command("ping")
    ping(holder)


def test_the_database_is_let_go_at_the_end(holder, embedded_home):
    ping(holder)
    assert [user.pid for user in server_status(embedded_home.home).users] == [os.getpid()]
    holder.close()
    assert not server_status(embedded_home.home).users


def test_a_question_that_takes_too_long_is_ended_and_the_next_answered(store):
    store.db["some"].insert_one({})
    holder = Holder(store.settings, query_limit=0.3)
    with pytest.raises(StoreError, match="in time"), holder.store() as held:
        held.db["some"].find_one({"$where": "sleep(20000) || true"})
    ping(holder)
    holder.close()


def test_a_server_at_an_url_that_is_not_there_is_said_soon(fresh_home):
    holder = Holder(replace(fresh_home, mongo_url="mongodb://127.0.0.1:9/"))
    with pytest.raises(ServerGone, match="cannot be reached"):
        ping(holder)
    holder.close()

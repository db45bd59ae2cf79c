from __future__ import annotations

import os
import signal
import subprocess
import time

import pytest

from medpix2.errors import ServerError
from medpix2.store.keeper import read_record, write_record
from medpix2.store.mongod import find_mongod
from medpix2.store.places import places_of, prepare
from medpix2.store.server import open_server, stop_server
from medpix2.store.start import record_of, runs_here, settle


@pytest.fixture
def places(home):
    found = places_of(home)
    prepare(found)
    return found


def test_nothing_runs(places):
    assert settle(places, 1.0) is None


def test_stale_record_with_the_pid_of_another_process(places):
    write_record(places.record, {"home": str(places.home), "pid": os.getpid(), "socket": "/x"})
    assert settle(places, 1.0) is None
    assert not places.record.exists()
    assert not runs_here(os.getpid(), places)


def test_record_of_a_copied_home_says_nothing(places):
    write_record(places.record, {"home": "/another", "pid": 1})
    assert record_of(places) == {}


def test_foreign_mongod_is_named(places):
    command = [
        find_mongod(),
        "--dbpath",
        places.db,
        "--nounixsocket",
        "--bind_ip",
        places.run / "x.sock",
    ]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as foreign:
        try:
            while not (places.run / "x.sock").exists():
                time.sleep(0.05)
            with pytest.raises(ServerError, match=rf"holds .*process {foreign.pid}"):
                open_server(places.home)
        finally:
            foreign.terminate()


def test_hung_server_is_an_error_and_can_be_stopped_by_force(home, processes, monkeypatch):
    monkeypatch.setattr("medpix2.store.server.HANG_LIMIT", 0.5)
    monkeypatch.setattr("medpix2.store.server.KILL_AFTER", 2)
    monkeypatch.setattr("medpix2.store.ping.PATIENCE", 500)
    with open_server(home, linger=0):
        pid = processes.mongods[0]
        os.kill(pid, signal.SIGSTOP)
        with pytest.raises(ServerError, match=rf"does not answer.*process {pid}"):
            settle(places_of(home), 0, limit=0.5)
        assert stop_server(home, force=True)
    assert processes.gone()


def test_keeper_and_mongod_agree_on_the_record(home, processes):
    with open_server(home, linger=0):
        record = read_record(places_of(home).record)
        assert [record["pid"]] == processes.mongods
        assert [record["keeper"]] == processes.keepers
        assert runs_here(record["pid"], places_of(home))

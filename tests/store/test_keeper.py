from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pymongo

from medpix2.store import keeper
from medpix2.store.keeper import (
    Adopted,
    forget_dead_users,
    is_held,
    limit_log,
    live_users,
    names,
    read_record,
    try_lock,
    unlock,
    write_record,
)
from medpix2.store.places import places_of
from medpix2.store.server import open_server, server_status, start_server


def test_lock_has_one_holder(tmp_path):
    path = tmp_path / "lock"
    assert not is_held(path) and not path.exists()
    fd = try_lock(path)
    assert fd is not None and is_held(path)
    assert try_lock(path) is None
    unlock(fd)
    assert not is_held(path)


def test_lock_of_a_removed_file_is_not_that_of_the_file_now_there(tmp_path):
    path = tmp_path / "lock"
    old = try_lock(path)
    assert old is not None and names(path, old)
    path.unlink()
    assert not names(path, old)
    new = try_lock(path)
    assert new is not None and names(path, new) and not names(path, old)
    unlock(old)
    assert is_held(path)
    unlock(new)


def test_only_held_files_are_users_and_leftovers_go(tmp_path):
    for name in ("1-a.json", "2-b.json", "3-c.part"):
        (tmp_path / name).write_text('{"since": 1, "pid": 1}')
    fd = try_lock(tmp_path / "1-a.json")
    assert len(live_users(tmp_path)) == 1
    forget_dead_users(tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["1-a.json", "3-c.part"]
    assert fd is not None
    unlock(fd)


def test_damaged_record_says_nothing(tmp_path):
    path = tmp_path / "server.json"
    assert read_record(path) == {}
    write_record(path, {"pid": 1})
    assert read_record(path) == {"pid": 1}
    for damaged in (b"", b"[1]", b"\xff", b'{"pid"'):
        path.write_bytes(damaged)
        assert read_record(path) == {}


def test_adopted_process_is_seen_to_end():
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    adopted = Adopted(child.pid)
    assert adopted.poll() is None
    adopted.send_signal(signal.SIGKILL)
    child.wait()
    assert adopted.poll() == 0
    adopted.send_signal(signal.SIGKILL)  # nobody there: nothing happens


def test_keeper_is_a_script_of_the_standard_library():
    """It must start without the package, its dependencies, or a site-packages folder."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", keeper.__file__], capture_output=True, text=True
    )
    assert "IndexError" in done.stderr, "it got as far as its missing argument"


def test_keeper_and_mongod_are_in_no_session_of_ours_and_small(home, processes):
    with open_server(home, linger=0):
        kept, served = processes.keepers[0], processes.mongods[0]
        assert os.getsid(kept) != os.getsid(0) != os.getsid(served)
        assert psutil.Process(served).ppid() == kept
        assert psutil.Process(kept).memory_info().rss < 40e6
        before = sum(psutil.Process(kept).cpu_times()[:2])
        time.sleep(1)
        assert sum(psutil.Process(kept).cpu_times()[:2]) - before < 0.05


def test_told_to_end_it_ends_mongod_cleanly(home, processes):
    start_server(home)
    os.kill(processes.keepers[0], signal.SIGTERM)
    assert processes.gone()
    assert '"Shutting down","attr":{"exitCode":0}' in places_of(home).log.read_text()
    assert not places_of(home).record.exists()


def test_log_is_cut_and_only_one_old_is_kept(home, processes):
    log = places_of(home).log
    with open_server(home, linger=0) as server:
        mongod = Adopted(processes.mongods[0])
        limit_log(str(log), mongod, limit=1 << 40)
        assert not Path(f"{log}.1").exists()
        for _ in range(2):
            limit_log(str(log), mongod, limit=100)
            assert log.exists(), "also the second time within a second"
        with pymongo.MongoClient(server.url) as client:
            client.admin.command("ping")
        assert server_status(home).running
    assert processes.gone()
    assert sorted(p.name for p in log.parent.iterdir()) == [
        "mongod.log",
        "mongod.log.1",
        "mongod.out",
    ]
    assert '"Shutting down"' in log.read_text(), "mongod writes on, into the new one"

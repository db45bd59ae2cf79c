from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import psutil
import pymongo
import pytest

from medpix2.errors import (
    DiskFull,
    MissingLibrary,
    NotWritable,
    OtherVersion,
    PortTaken,
    ServerError,
    ServerInUse,
)
from medpix2.store.mongod import find_mongod
from medpix2.store.places import places_of
from medpix2.store.server import (
    open_server,
    server_status,
    start_server,
    stop_server,
)

LINGER = 0.2


def wait_until(true, seconds: float = 5) -> bool:
    deadline = time.monotonic() + seconds
    while not true() and time.monotonic() < deadline:
        time.sleep(0.05)
    return bool(true())


def put(url: str, number: int) -> None:
    with pymongo.MongoClient[dict[str, Any]](url, w="majority", journal=True) as client:
        client.test.numbers.insert_one({"_id": number})


def numbers(url: str) -> list[int]:
    with pymongo.MongoClient[dict[str, Any]](url) as client:
        return sorted(found["_id"] for found in client.test.numbers.find())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_starts_on_demand_and_stops_after_the_last_has_left(home, processes):
    assert not server_status(home).running
    assert not home.exists(), "asking makes nothing"
    first = open_server(home, linger=LINGER)
    second = open_server(home, linger=LINGER)
    assert len(processes.mongods) == len(processes.keepers) == 1
    put(second.url, 1)
    first.close()
    first.close()
    time.sleep(LINGER + 0.6)
    assert numbers(second.url) == [1], "stopped while used"
    second.close()
    assert processes.gone()
    assert not server_status(home).running
    assert list(places_of(home).users.iterdir()) == []
    with open_server(home, linger=LINGER) as again:
        assert numbers(again.url) == [1]


def test_status_names_server_and_users(home, processes):
    with open_server(home, linger=LINGER) as server:
        processes.ready(other := processes.command())
        status = server_status(home)
        assert status.running and not status.pinned and status.port is None
        assert [status.pid] == processes.mongods
        assert status.version and status.version.count(".") == 2
        assert status.socket == server.socket
        assert [user.pid for user in status.users] == [os.getpid(), other.pid]
        assert status.users[1].command.startswith("-c")
        assert 0 < status.data_bytes < 100e6, "an empty home is small"


def test_commands_that_start_at_once_share_one_server(home, processes):
    commands = [processes.command() for _ in range(5)]
    assert len({processes.ready(command) for command in commands}) == 1
    assert len(processes.mongods) == len(processes.keepers) == 1
    assert len(server_status(home).users) == 5


def test_threads_share_one_server(home, processes):
    servers = []
    threads = [
        threading.Thread(target=lambda: servers.append(open_server(home, linger=LINGER)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(processes.mongods) == 1
    for server in servers:
        server.close()
    assert processes.gone()


def test_next_command_within_linger_finds_the_same_server(home, processes):
    with open_server(home, linger=1.5):
        before = server_status(home).pid
    time.sleep(0.7)
    with open_server(home, linger=LINGER):
        assert server_status(home).pid == before
    assert processes.gone(), "the last user's linger counts"


def test_killed_command_is_no_user_any_more(home, processes):
    processes.ready(command := processes.command(LINGER))
    command.kill()
    assert processes.gone()


def test_killed_mongod_is_replaced_and_no_write_is_lost(home, processes):
    with open_server(home, linger=LINGER) as server:
        put(server.url, 1)
        os.kill(processes.mongods[0], signal.SIGKILL)
        with open_server(home, linger=LINGER) as again:
            assert numbers(again.url) == [1]
            assert numbers(server.url) == [1], "who was there before can go on"
            assert len(processes.mongods) == len(processes.keepers) == 1
    assert processes.gone()


def test_killed_keeper_is_replaced_by_the_next_who_comes(home, processes):
    with open_server(home, linger=LINGER):
        before = server_status(home).pid
        os.kill(processes.keepers[0], signal.SIGKILL)
        with open_server(home, linger=LINGER):
            assert server_status(home).pid == before
            assert len(processes.keepers) == 1
    assert processes.gone()


def test_killed_keeper_is_replaced_by_the_next_who_leaves(home, processes):
    with open_server(home, linger=LINGER):
        os.kill(processes.keepers[0], signal.SIGKILL)
        assert wait_until(lambda: not processes.keepers)
    assert processes.gone()


def test_everything_killed_at_once(home, processes):
    put(processes.ready(command := processes.command()), 1)
    for pid in [*processes.keepers, *processes.mongods, command.pid]:
        os.kill(pid, signal.SIGKILL)
    assert processes.gone()
    with open_server(home, linger=LINGER) as server:
        assert numbers(server.url) == [1]
        assert [user.pid for user in server_status(home).users] == [os.getpid()]


@pytest.mark.parametrize("delay", [0.35, 0.45, 0.55])
def test_command_killed_while_it_starts_the_server(home, processes, delay):
    command = processes.command(LINGER)
    time.sleep(delay)
    command.kill()
    with open_server(home, linger=LINGER) as server:
        put(server.url, 1)
        assert len(processes.mongods) == len(processes.keepers) == 1
    assert processes.gone()


def test_ctrl_c_reaches_the_command_alone(home, processes):
    with open_server(home, linger=LINGER) as server:
        processes.ready(command := processes.command())
        os.killpg(command.pid, signal.SIGINT)
        command.wait(10)
        time.sleep(0.3)
        put(server.url, 1)


def test_ctrl_c_of_the_command_that_started_it(home, processes):
    processes.ready(command := processes.command(LINGER))
    with open_server(home, linger=LINGER) as server:
        before = processes.mongods
        os.killpg(command.pid, signal.SIGINT)
        command.wait(10)
        put(server.url, 1)
        assert processes.mongods == before


def test_forked_child_does_not_keep_or_end_its_parents_use(home, processes):
    with open_server(home, linger=LINGER) as server:
        go = multiprocessing.get_context("fork").Event()

        def child() -> None:
            server.close()
            go.wait(20)

        worker = multiprocessing.get_context("fork").Process(target=child)
        worker.start()
        time.sleep(LINGER + 0.6)
        put(server.url, 1)
    assert processes.gone(), "the child counts as a user"
    go.set()
    worker.join()


def test_deleted_home_ends_its_server(home, processes):
    with open_server(home, linger=60):
        shutil.rmtree(home, ignore_errors=True)
        assert processes.gone()


def remove(home: Path) -> None:
    """Remove a home as `rm -rf` does, again where mongod puts a file into it meanwhile."""
    while home.exists():
        shutil.rmtree(home, ignore_errors=True)


@pytest.mark.parametrize(
    ("name", "turns"),
    [("home", range(20)), ("x" * 120, range(0, 20, 4))],
    ids=["socket inside", "socket elsewhere"],
)
def test_home_deleted_while_its_server_lingers_or_ends_is_made_anew(tmp_path, name, turns):
    home = tmp_path / name
    for turn in turns:
        with open_server(home, linger=0.1) as server:
            put(server.url, turn)
        time.sleep(turn * 0.02)  # from within the linger to after the end
        remove(home)
        with open_server(home, linger=0.1) as server:
            assert numbers(server.url) == [], "joined the server of the deleted home"
            put(server.url, turn)
        remove(home)
    stop_server(home, force=True)


def test_keeper_of_a_deleted_home_leaves_the_new_one_alone(home, processes):
    with open_server(home, linger=60):
        old = processes.mongods
        remove(home)
        with open_server(home, linger=LINGER) as server:
            assert old[0] not in processes.mongods, "it would write into the new home's data"
            put(server.url, 1)
            assert wait_until(lambda: len(processes.keepers) == 1)
            assert server_status(home).running and server.socket.exists()
            with open_server(home, linger=LINGER) as again:
                assert numbers(again.url) == [1]
    assert processes.gone()


def test_copied_home_has_a_server_of_its_own(home, processes, tmp_path):
    with open_server(home, linger=LINGER) as server:
        shutil.copytree(places_of(home).run, tmp_path / "copy" / "run", ignore=skip_sockets)
        with open_server(tmp_path / "copy", linger=0) as other:
            put(other.url, 1)
            assert numbers(server.url) == []
    stop_server(tmp_path / "copy", force=True)


def skip_sockets(folder: str, names: list[str]) -> list[str]:
    return [name for name in names if name.endswith(".sock")]


def test_no_zombie_is_left(home, processes):
    with open_server(home, linger=0):
        pass
    assert processes.gone()
    assert [p for p in psutil.Process().children() if p.status() == psutil.STATUS_ZOMBIE] == []


@pytest.mark.parametrize(
    "name", ["with space", "ünïcode 医", "100%25 %s", "a,b", "x" * 120, "a+&?#@:"]
)
def test_any_name_of_a_home(tmp_path, name):
    home = tmp_path / name
    with open_server(home, linger=0) as server:
        put(server.url, 1)
        assert numbers(server.url) == [1]
        folder = server.socket.parent.stat()
        assert stat.S_IMODE(folder.st_mode) == 0o700 and folder.st_uid == os.geteuid()
        assert stat.S_IMODE(places_of(home).db.stat().st_mode) == 0o700
    stop_server(home, force=True)
    assert not server.socket.exists()
    assert server.socket.parent == places_of(home).run or not server.socket.parent.exists()


def test_only_the_private_socket_is_listened_on(home, processes):
    with open_server(home, linger=LINGER) as server:
        mongod = psutil.Process(processes.mongods[0])
        assert mongod.net_connections("inet") == []
        sockets = {c.laddr for c in mongod.net_connections("unix") if c.laddr}
        assert sockets == {str(server.socket)}, "none in /tmp"


# --- db start, db stop


def test_started_server_stays_until_it_is_stopped(home, processes):
    status = start_server(home, linger=0)
    assert status.running and status.pinned and status.users == ()
    with open_server(home, linger=0):
        pass
    time.sleep(0.8)
    assert server_status(home).pid == status.pid
    assert stop_server(home) is True
    assert processes.mongods == [] and processes.gone()
    assert stop_server(home) is False


def test_running_server_can_be_pinned(home, processes):
    with open_server(home, linger=0):
        before = server_status(home).pid
        assert start_server(home).pid == before
    time.sleep(0.8)
    assert server_status(home).pid == before


def test_pin_survives_a_killed_keeper(home, processes):
    before = start_server(home, linger=0).pid
    os.kill(processes.keepers[0], signal.SIGKILL)
    with open_server(home, linger=0):
        pass
    time.sleep(0.8)
    assert server_status(home).pid == before
    assert stop_server(home)


def test_port_for_other_clients(home, processes):
    first, second = free_port(), free_port()
    assert start_server(home).port is None
    status = start_server(home, port=first)
    assert status.port == first, "an unused server is restarted"
    put(f"mongodb://127.0.0.1:{first}", 1)
    listening = psutil.Process(status.pid).net_connections("inet")
    assert {c.laddr.ip for c in listening if c.status == "LISTEN"} == {"127.0.0.1"}
    assert start_server(home, port=first).pid == status.pid
    assert start_server(home).port == first, "no port asked: any will do"
    with open_server(home, linger=LINGER) as server:
        assert numbers(server.url) == [1], "we use the socket all the same"
        assert "27017.sock" in server.url
        assert start_server(home, port=first).pid == status.pid, "nothing to restart"
    assert start_server(home, port=second).port == second
    assert stop_server(home)


def test_used_server_is_neither_restarted_nor_stopped(home, processes):
    processes.ready(command := processes.command())
    before = server_status(home).pid
    for refused in (lambda: start_server(home, port=free_port()), lambda: stop_server(home)):
        with pytest.raises(ServerInUse, match=rf"process {command.pid} \(-c ") as error:
            refused()
        assert "\n" not in str(error.value)
    assert server_status(home).pid == before
    assert stop_server(home, force=True)
    assert processes.mongods == []


def test_client_on_the_port_is_a_user(home, processes):
    port = free_port()
    start_server(home, port=port)
    code = (
        f"import pymongo, sys; c = pymongo.MongoClient(port={port}); c.a.b.find_one();"
        "print(1, flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as client:
        assert client.stdout and client.stdout.readline()
        with pytest.raises(ServerInUse, match=f"process {client.pid} .*port {port}"):
            stop_server(home)
        client.kill()
    assert stop_server(home)


def test_port_in_use(home, processes):
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        with pytest.raises(PortTaken, match=rf"Port {port} .*process {os.getpid()}"):
            start_server(home, port=port)
        before = start_server(home).pid
        with pytest.raises(PortTaken):
            start_server(home, port=port)
        assert server_status(home).pid == before, "not ended for nothing"


# --- what can go wrong


def test_data_of_another_version(home, processes):
    with open_server(home, linger=0):
        pass
    assert processes.gone()
    places_of(home).stamp.write_text('{"version": "4.4"}')
    with pytest.raises(OtherVersion, match=r"MongoDB 4\.4.* 6\.0.*--home"):
        open_server(home)
    assert processes.mongods == []


@pytest.mark.parametrize("where", ["file", "/proc/medpix2", "/dev/null/home"])
def test_home_that_cannot_be_written(tmp_path, where):
    (tmp_path / "file").write_text("")
    with pytest.raises(NotWritable, match=r"cannot be written \(.*--home"):
        open_server(tmp_path / where)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_home_without_right_to_write(tmp_path):
    home = tmp_path / "home"
    home.mkdir(mode=0o500)
    with pytest.raises(NotWritable):
        open_server(home)


def test_missing_library(home, tmp_path):
    binary = tmp_path / "mongod"
    binary.write_text(
        "#!/bin/sh\necho 'mongod: error while loading shared libraries: libcurl.so.4: "
        "cannot open shared object file: No such file or directory' >&2\nexit 127\n"
    )
    binary.chmod(0o755)
    with pytest.raises(MissingLibrary, match=r"libcurl\.so\.4.*apt install libcurl4"):
        open_server(home, find=lambda: binary)
    assert server_status(home).users == (), "who failed to join is no user"


def test_mongod_that_dies_at_once(home, tmp_path, processes):
    binary = tmp_path / "mongod"
    binary.write_text(
        "#!/bin/sh\n[ \"$1\" = --version ] && echo 'db version v6.0.5' && exit\n"
        'echo \'{"s":"F","msg":"Wow","attr":{"error":"it broke"}}\'\nexit 14\n'
    )
    binary.chmod(0o755)
    with pytest.raises(ServerError, match=r"Wow it broke.*mongod\.log"):
        open_server(home, find=lambda: binary)
    assert processes.gone()
    with open_server(home, linger=0) as server:
        put(server.url, 1)


def mongod_that_first(does: str, folder: Path) -> Path:
    """Return a mongod that does something else when it is first started."""
    binary, flag = folder / "mongod", folder / "started"
    binary.write_text(
        f'#!/bin/sh\n[ "$1" = --version ] || [ -e {flag} ] || {{ : > {flag}; {does}; }}\n'
        f'exec {find_mongod()} "$@"\n'
    )
    binary.chmod(0o755)
    return binary


def test_mongod_killed_while_it_starts_is_started_once_more(home, tmp_path, processes):
    binary = mongod_that_first("kill -9 $$", tmp_path)
    with open_server(home, linger=0, find=lambda: binary) as server:
        put(server.url, 1)
        assert len(processes.keepers) == 1


def test_mongod_killed_at_every_start_is_an_error(home, tmp_path, processes):
    binary = mongod_that_first(f"rm {tmp_path / 'started'}; kill -9 $$", tmp_path)
    with pytest.raises(ServerError, match=r"does not start \(killed.*mongod\.log"):
        open_server(home, find=lambda: binary)
    assert processes.gone()


def test_mongod_whose_socket_was_removed_is_started_again(home, tmp_path, processes, monkeypatch):
    monkeypatch.setattr("medpix2.store.start.DEAF_AFTER", 0.5)
    says = """echo '{"s":"I","msg":"Waiting for connections"}'; while :; do sleep 0.1; done"""
    binary = mongod_that_first(says, tmp_path)
    with open_server(home, linger=0, find=lambda: binary) as server:
        put(server.url, 1)


def test_damaged_data_are_an_error_not_a_hang(home, processes):
    with open_server(home, linger=0):
        pass
    assert processes.gone()
    (places_of(home).db / "WiredTiger.turtle").write_text("nonsense")
    with pytest.raises(ServerError, match=r"does not start \(.+mongod\.log"):
        open_server(home)


def test_lost_server_says_why(home, processes):
    with open_server(home, linger=LINGER) as server:
        assert server.lost() is None
        os.kill(processes.mongods[0], signal.SIGKILL)
        assert processes.gone()
        assert "went down" in str(server.lost())


@pytest.fixture
def small_disk(tmp_path: Path):
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = shutil.which("mount") and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=340m", "none", folder], capture_output=True
    )
    if not mounted or mounted.returncode:
        pytest.skip("needs the right to mount a tmpfs")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


@pytest.mark.system
def test_disk_full_before_and_while_it_runs(small_disk):
    home = small_disk / "home"
    blob = b"x" * (8 << 20)
    try:
        with open_server(home, linger=0) as server:
            (small_disk / "ballast").write_bytes(b"x" * (250 << 20))
            with (
                pymongo.MongoClient[dict[str, Any]](server.url, timeoutMS=5000) as client,
                pytest.raises(pymongo.errors.PyMongoError),
            ):
                for _ in range(40):
                    client.test.blobs.insert_one({"b": os.urandom(len(blob))})
            error = server.lost()
            assert error is None or isinstance(error, DiskFull)
        stop_server(home, force=True)
        with pytest.raises(DiskFull, match="make room"):
            open_server(small_disk / "new")
    finally:
        stop_server(home, force=True)

from __future__ import annotations

import json
import socket

import pytest
from pymongo import MongoClient

from medpix2.pipeline.build import build


@pytest.fixture
def embedded(program_of, embedded_home):
    return program_of(embedded_home)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_a_server_is_started_for_other_clients_and_stopped(embedded, embedded_home, source):
    build(embedded_home, source.write())
    port = free_port()
    said = embedded("db", "start", "--port", str(port)).stdout
    assert f"mongodb://127.0.0.1:{port}; end it with `db stop`." in said
    with MongoClient("127.0.0.1", port) as client:
        reports = client["Medical_Database"]["Image_Reports"]
        row = reports.find_one({"Description.Modality": {"$regex": "flair", "$options": "i"}})
        assert row["Case"]["Title"].startswith("Title of")
        assert row["Topic"]["Title"] == "Ménière"
    told = embedded.json("db", "status", "--json")
    assert (told["running"], told["port"], told["pinned"]) == (True, port, True)
    assert told["documents"]["images"] == 9
    assert embedded("db", "stop").stdout == "Stopped.\n"
    assert embedded("db", "stop").stdout == "No server was running.\n"
    assert embedded.json("db", "status", "--json")["running"] is False


def test_a_server_that_moves_to_another_port_says_so(embedded):
    first, second = free_port(), free_port()
    assert "Restarted" not in embedded("db", "start", "--port", str(first)).stdout
    assert "Restarted" not in embedded("db", "start", "--port", str(first)).stdout
    told, runs = embedded("db", "start", "--port", str(second)).stdout.splitlines()
    assert told == f"Restarted the server: it ran on mongodb://127.0.0.1:{first}."
    assert f" on mongodb://127.0.0.1:{second}; " in runs
    assert embedded.json("db", "status", "--json")["port"] == second


def test_status_is_a_line_a_fact(embedded, embedded_home):
    lines = embedded("db", "status").stdout.splitlines()
    told = dict(line.split(maxsplit=1) for line in lines)
    assert told["running"] == "False"
    assert told["users"] == "nobody"
    assert not embedded_home.home.exists()


def test_a_backup_is_written_and_restored(medpix2, fresh_home, source, tmp_path):
    build(fresh_home, source.write())
    file = str(tmp_path / "deep" / "saved.tar.gz")
    counts = "5 cases, 9 images, 0 findings, 0 decisions, 0 dropped, 0 releases, 0 withdrawn"
    assert medpix2("db", "backup", file).stdout == f"Backed up {counts} to {file}\n"
    assert "is there already" in medpix2.failing("db", "backup", file)
    assert "is not empty" in medpix2.failing("db", "restore", file)
    done = medpix2("db", "restore", file, "--overwrite")
    assert done.stdout == f"Restored {counts} from {file}\n"
    assert done.stderr == ""
    assert json.loads(medpix2("find", "--json").stdout)["cases"] == 5

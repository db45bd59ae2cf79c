from __future__ import annotations

import socket
import time

import pymongo

from medpix2.store import ping
from medpix2.store.ping import ask, end_server, port_users
from medpix2.store.server import open_server, server_status


def test_who_answers(home, processes):
    with open_server(home, linger=0) as server:
        answer = ask(server.socket)
        assert answer and [answer.pid] == processes.mongods
        assert answer.version == server_status(home).version
        assert port_users(server.socket, 27017) == ()


def test_nobody_answers(tmp_path, monkeypatch):
    monkeypatch.setattr(ping, "PATIENCE", 300)
    assert ask(tmp_path / "mongodb.sock") is None
    assert end_server(tmp_path / "mongodb.sock") is False
    assert ask(tmp_path / ("x" * 300)) is None


def test_socket_of_something_else_is_no_server(tmp_path, monkeypatch):
    monkeypatch.setattr(ping, "PATIENCE", 300)
    path = tmp_path / "m.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        began = time.monotonic()
        assert ask(path) is None
        assert time.monotonic() - began < 15


def test_told_to_end_it_ends_cleanly(home, processes):
    with open_server(home, linger=0) as server:
        with pymongo.MongoClient(server.url) as client:
            client.a.b.insert_one({})
        assert end_server(server.socket)
        assert processes.gone()

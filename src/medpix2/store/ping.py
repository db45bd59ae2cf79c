"""Talking to a running mongod over its socket: who answers, who uses its port, end."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil
import pymongo
from pymongo.errors import (
    AutoReconnect,
    NetworkTimeout,
    PyMongoError,
    ServerSelectionTimeoutError,
)

from medpix2.store.users import ServerUser

PATIENCE = 3000  # milliseconds


@dataclass(frozen=True)
class Answer:
    """What a running mongod says of itself."""

    pid: int
    version: str


def socket_url(path: Path) -> str:
    """Return the URL of a server that listens on a socket."""
    return f"mongodb://{quote(str(path), safe='')}/?directConnection=true"


def ask(path: Path) -> Answer | None:
    """Return who answers on a socket, or None; at most a few seconds where it hangs."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(2)
        try:
            probe.connect(str(path))
        except OSError:
            return None
    sections = ("metrics", "wiredTiger", "opcounters", "locks", "tcmalloc")  # not needed
    try:
        with _client(path) as client:
            found = client.admin.command({"serverStatus": 1, **dict.fromkeys(sections, 0)})
    except PyMongoError:
        return None
    return Answer(int(found["pid"]), str(found["version"]))


def end_server(path: Path) -> bool:
    """Tell a server to write its data and end; return whether it was told."""
    # Not a signal: in a container its pid may be another's here.
    try:
        with _client(path) as client:
            client.admin.command("shutdown", force=True)
    except (NetworkTimeout, ServerSelectionTimeoutError):
        return False
    except AutoReconnect:  # it hangs up instead of an answer
        return True
    except PyMongoError:
        return False
    return True


def port_users(path: Path, port: int) -> tuple[ServerUser, ...]:
    """Return the other processes that are connected to a server's loopback port."""
    try:
        with _client(path) as client:
            found = client.admin.aggregate(
                [{"$currentOp": {"allUsers": True, "idleConnections": True}}]
            )
            clients = {
                str(entry["client"]): str(entry.get("appName") or "a MongoDB client")
                for entry in found
                if str(entry.get("client", "")).startswith("127.0.0.1:")
            }
    except PyMongoError:
        return ()
    users = {}
    owners = _owners(port) if clients else {}
    for address, name in clients.items():
        # The server takes up to ten seconds to see that a client has hung up.
        pid = owners.get(int(address.rpartition(":")[2])) if owners is not None else 0
        if pid is not None and pid != os.getpid():
            users[pid] = ServerUser(pid, f"{_name(pid, name)}, over port {port}", _since(pid))
    return tuple(sorted(users.values(), key=lambda user: user.since))


@contextlib.contextmanager
def _client(path: Path) -> Iterator[pymongo.MongoClient[dict[str, Any]]]:
    client: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(
        socket_url(path), serverSelectionTimeoutMS=PATIENCE, socketTimeoutMS=PATIENCE
    )
    with client:
        yield client


def _owners(port: int) -> dict[int, int] | None:
    """Return client port -> pid, or 0, of the connections to a port; None: nobody may know."""
    try:
        return {
            found.laddr.port: found.pid or 0
            for found in psutil.net_connections("tcp4")
            if found.laddr and found.raddr and found.raddr.port == port
            if found.status == psutil.CONN_ESTABLISHED
        }
    except (psutil.Error, OSError):
        return None


def _name(pid: int, fallback: str) -> str:
    try:
        return psutil.Process(pid).name() if pid else fallback
    except psutil.Error:
        return fallback


def _since(pid: int) -> datetime:
    try:
        return datetime.fromtimestamp(psutil.Process(pid).create_time(), UTC)
    except psutil.Error:
        return datetime.now(UTC)

"""What must hold before mongod is started: the data's version, room, and a free port."""

from __future__ import annotations

import errno
import shutil
import socket

from medpix2.errors import DiskFull, OtherVersion, ServerError, SettingError
from medpix2.store.keeper import read_record, write_record
from medpix2.store.mongod import port_taken
from medpix2.store.places import OTHER_HOME, Places, cannot_write

ROOM = 300 << 20  # bytes that must be free to write: journal, a checkpoint, and a margin


def check_stamp(places: Places, version: str) -> bool:
    """Refuse data of another version; stamp a folder that has no data yet.

    Returns
    -------
    bool
        False for data without a stamp: only mongod can tell whether it can read them.

    Raises
    ------
    OtherVersion
        The stamp says another major.minor version than that of the mongod to start.
    """
    ours = _minor(version)
    theirs = read_record(places.stamp).get("version")
    if not has_data(places):
        write_stamp(places, version)
        return True
    if theirs is not None and theirs != ours:
        raise OtherVersion(
            f"The data in {places.db} are of MongoDB {theirs}, the server here is {ours}",
            f"use MongoDB {theirs}, or name another folder with --home and build it anew",
        )
    return theirs is not None


def has_data(places: Places) -> bool:
    """Tell whether a mongod has made its files in a home."""
    return (places.db / "WiredTiger").exists()


def check_room(places: Places) -> None:
    """Raise DiskFull where too little is free to make a database or to write into one."""
    free = shutil.disk_usage(places.db).free
    if free < ROOM:
        raise DiskFull(
            f"Only {free >> 20} MB are free for the database in {places.db}, "
            f"it needs {ROOM >> 20} MB to be written",
            OTHER_HOME,
        )


def check_port(port: int) -> None:
    """Raise PortTaken where somebody listens on a loopback port, SettingError for a bad one."""
    if not 1 <= port <= 65535:
        raise SettingError(f"--port has the value {port}", "use 1024 to 65535")
    with socket.socket() as probe:
        # As mongod does: else a connection that just ended would count as a listener.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError:
            raise SettingError(
                f"--port {port} is for administrators", "use 1024 to 65535"
            ) from None
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise ServerError(f"Port {port} cannot be used ({error})", "use another") from None
            raise port_taken(port) from None


def write_stamp(places: Places, version: str) -> None:
    """Write which version the data are of."""
    try:
        write_record(places.stamp, {"version": _minor(version)})
    except OSError as error:
        raise cannot_write(places.stamp, error) from None


def _minor(version: str) -> str:
    return ".".join(version.split(".")[:2])

from __future__ import annotations

import json
import socket

import pytest

from medpix2.errors import DiskFull, OtherVersion, PortTaken, SettingError
from medpix2.store import checks
from medpix2.store.checks import check_port, check_room, check_stamp
from medpix2.store.places import places_of, prepare


@pytest.fixture
def places(home):
    found = places_of(home)
    prepare(found)
    return found


def test_new_data_are_stamped_with_major_and_minor(places):
    assert check_stamp(places, "6.0.5") is True
    assert json.loads(places.stamp.read_text()) == {"version": "6.0"}
    (places.db / "WiredTiger").write_text("")
    assert check_stamp(places, "6.0.19") is True
    for other in ("7.0.1", "5.0.2"):
        with pytest.raises(OtherVersion, match=rf"6\.0.*{other[:3]}"):
            check_stamp(places, other)


def test_stamp_of_a_start_that_made_no_data_binds_nobody(places):
    check_stamp(places, "6.0.5")
    check_stamp(places, "7.0.1")
    assert json.loads(places.stamp.read_text()) == {"version": "7.0"}


def test_data_without_stamp_are_left_to_mongod(places):
    (places.db / "WiredTiger").write_text("")
    assert check_stamp(places, "6.0.5") is False
    assert not places.stamp.exists(), "a server that then fails has not stamped them"


def test_room(places, monkeypatch):
    check_room(places)
    monkeypatch.setattr(checks, "ROOM", 1 << 60)
    with pytest.raises(DiskFull, match=r"Only \d+ MB are free"):
        check_room(places)


def test_ports():
    with socket.create_server(("127.0.0.1", 0)) as holder, pytest.raises(PortTaken):
        check_port(holder.getsockname()[1])
    for bad in (0, -1, 65536):
        with pytest.raises(SettingError):
            check_port(bad)

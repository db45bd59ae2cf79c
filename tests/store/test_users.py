from __future__ import annotations

import os
import time

import pytest

from medpix2.errors import ServerError, ServerInUse
from medpix2.store.places import places_of, prepare
from medpix2.store.users import refuse_if_used, register, through_gate, users_of


@pytest.fixture
def places(home):
    found = places_of(home)
    prepare(found)
    return found


def test_a_user_comes_and_goes(places):
    first, second = register(places, 1.0), register(places, 2.0)
    users = users_of(places)
    assert [user.pid for user in users] == [os.getpid()] * 2
    assert abs(users[0].since.timestamp() - time.time()) < 5
    assert first.leave() is True
    assert first.leave() is False
    assert len(users_of(places)) == 1
    second.leave()
    assert users_of(places) == ()
    assert list(places.users.iterdir()) == []


def test_command_is_shown_without_secret_and_short(places, monkeypatch):
    monkeypatch.setattr(
        "sys.argv", ["/opt/bin/medpix2", "--mongo-url", "mongodb://me:pass@host/", "x" * 500]
    )
    user = register(places, 1.0)
    command = users_of(places)[0].command
    assert command.startswith("medpix2 --mongo-url mongodb://me:***@host/ xx")
    assert len(command) <= 120
    user.leave()


def test_users_are_named_in_the_refusal(places):
    refuse_if_used(places, (), "stopped")
    user = register(places, 1.0)
    with pytest.raises(ServerInUse, match=rf"cannot be stopped.*process {os.getpid()} \("):
        refuse_if_used(places, users_of(places), "stopped")
    user.leave()


def test_gate_lets_one_in_and_waits_no_longer_than_told(places):
    with through_gate(places):
        began = time.monotonic()
        with (
            pytest.raises(ServerError, match=rf"process {os.getpid()}.*try again"),
            through_gate(places, limit=0.2),
        ):
            pass
        assert 0.2 <= time.monotonic() - began < 2
    with through_gate(places, limit=0):
        pass


def test_gate_is_freed_by_an_error(places):
    with pytest.raises(ZeroDivisionError), through_gate(places):
        raise ZeroDivisionError
    with through_gate(places, limit=0):
        pass

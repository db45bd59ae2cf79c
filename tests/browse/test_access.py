from __future__ import annotations

import pytest

from medpix2.browse.access import access_for
from medpix2.errors import SettingError


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "localhost", "127.0.0.2"])
def test_this_machine_alone_needs_no_log_in(address):
    assert not access_for(address).log_in
    assert access_for(address, root_path="/medpix2").root_path == "/medpix2"


@pytest.mark.parametrize(("address", "more"), [
    ("192.168.1.5", {}), ("0.0.0.0", {"names": ["med.example"]}), ("2001:db8::1", {}),
    ("127.0.0.1", {"names": ["med.example"]}), ("127.0.0.1", {"trusted": ["127.0.0.1"]}),
    ("127.0.0.1", {"https": True}),
])  # fmt: skip
def test_whatever_is_reached_from_elsewhere_needs_one_and_is_limited(address, more):
    access = access_for(address, **more)
    assert access.log_in
    assert access.rate > 0


def test_the_names_are_those_given_and_the_address(address="2001:db8::1"):
    hosts = access_for(address, names=["med.example"]).hosts
    assert {"med.example", "[2001:db8::1]", "localhost"} <= set(hosts)


@pytest.mark.parametrize(("address", "more"), [
    ("0.0.0.0", {}), ("::", {}), ("med.example", {}), ("", {}), ("127.0.0.1:80", {}),
    ("127.0.0.1", {"names": ["med.example:80"]}), ("127.0.0.1", {"names": ["a b"]}),
    ("127.0.0.1", {"trusted": ["*"]}), ("127.0.0.1", {"root_path": "med"}),
    ("127.0.0.1", {"root_path": "/med/"}), ("127.0.0.1", {"root_path": "/a;b"}),
])  # fmt: skip
def test_what_cannot_be_is_said(address, more):
    with pytest.raises(SettingError):
        access_for(address, **more)

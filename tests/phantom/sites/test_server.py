import socket

import pytest

from medpix2.errors import PortTaken, SettingError
from medpix2.phantom.sites.server import open_port


def test_a_free_port_is_found_and_a_taken_one_is_refused():
    with open_port("127.0.0.1", 0) as opened:
        port = opened.getsockname()[1]
        assert port > 0
        with pytest.raises(PortTaken, match=f"Port {port} on 127.0.0.1 is in use"):
            open_port("127.0.0.1", port)
    open_port("127.0.0.1", port).close()


def test_a_host_that_is_not_this_machine_is_refused():
    with pytest.raises(SettingError, match="cannot be opened"):
        open_port("192.0.2.1", 0)


def test_what_listens_can_be_connected_to():
    with open_port("localhost", 0) as opened:
        socket.create_connection(opened.getsockname()[:2], timeout=5).close()

from __future__ import annotations

import re
import signal
import socket
from urllib.request import urlopen

import pytest

from medpix2.browse.serving import serve
from medpix2.errors import PortTaken


def test_the_command_says_where_it_serves_and_ends_with_ctrl_c(phantom_program):
    process = phantom_program.start("serve", "--port", "0")
    try:
        line = process.stderr.readline()
        address = re.search(r"http://127\.0\.0\.1:\d+/", line)
        assert address, line
        with urlopen(f"{address[0]}healthz") as answer:
            assert answer.status == 200
    finally:
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode in (0, 130), err
    assert "Traceback" not in err


def test_a_port_that_is_taken_is_named(phantom_store):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(PortTaken, match="choose another"):
            serve(phantom_store.settings, taken.getsockname()[1], said=print)

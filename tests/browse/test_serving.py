from __future__ import annotations

import json
import re
import signal
import socket
from contextlib import contextmanager
from http.client import HTTPConnection
from urllib.request import urlopen

import pytest

from medpix2.browse.serving import LOG_FILE, serve
from medpix2.errors import PortTaken


@contextmanager
def running(program, *arguments, ended_by=signal.SIGINT):
    """Serve in a process of its own; yield its address; it must end well."""
    process = program.start("serve", "--port", "0", *arguments)
    said = []
    try:
        line = process.stderr.readline()
        address = re.search(r"http://127\.0\.0\.1:\d+\S*/", line)
        assert address, line + process.stderr.read()
        yield address[0], said
    finally:
        process.send_signal(ended_by)
        out, err = process.communicate(timeout=60)
        said += [out, err]
    assert process.returncode == (0 if ended_by == signal.SIGINT else -ended_by), err
    assert "Traceback" not in err


def test_the_command_says_where_it_serves_and_ends_with_ctrl_c(phantom_program):
    with running(phantom_program) as (address, _), urlopen(f"{address}healthz") as answer:
        assert answer.status == 200
    assert (phantom_program.settings.home / LOG_FILE).stat().st_mode & 0o077 == 0


def test_requests_are_json_lines_and_a_service_manager_ends_it(phantom_program):
    arguments = ("--log-json", "--root-path", "/med")
    ended = running(phantom_program, *arguments, ended_by=signal.SIGTERM)
    with ended as (address, said):
        assert address.endswith("/med/")
        with urlopen(f"{address}search?limit=1") as answer:
            assert 'href="/med/static/app.css' in answer.read().decode()
        stripped = HTTPConnection(address.split("/")[2], timeout=60)
        stripped.request("GET", "/")  # as from a proxy that takes the path away
        assert stripped.getresponse().headers["location"] == "/med/search"
    rows = [json.loads(line) for line in said[0].splitlines()]
    assert [row["status"] for row in rows if row["event"] == "request"] == [200, 307]


def test_a_port_that_is_taken_is_named(phantom_store):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(PortTaken, match="choose another"):
            serve(phantom_store.settings, taken.getsockname()[1], said=print)

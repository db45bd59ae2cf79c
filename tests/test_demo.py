"""`make demo` does what it says, and can be repeated."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest

from medpix2.store.server import stop_server

ROOT = Path(__file__).parents[1]
PROGRAM = Path(sys.executable).with_name("medpix2")

pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def home(tmp_path, phantom_folder):
    """Return a home with a small collection in the place of the demo's."""
    made = tmp_path / "demo"
    (made / "phantom").mkdir(parents=True)
    (made / "phantom" / "cases-200-seed-1").symlink_to(phantom_folder)
    yield made
    stop_server(made, force=True)


def run(home):
    done = subprocess.run(
        [ROOT / "tools" / "demo", PROGRAM, home], env={**os.environ, "DEMO_SERVE": "0"},
        capture_output=True, text=True, timeout=400,
    )  # fmt: skip
    port = int(re.search(r"http://127\.0\.0\.1:(\d+)", done.stderr + "http://127.0.0.1:0")[1])
    return done, port


def serves(port):
    with socket.socket() as asking:
        return asking.connect_ex(("127.0.0.1", port)) == 0


def test_the_demo_crawls_builds_finds_and_ends_by_serving_and_can_be_repeated(home, tmp_path):
    first, port = run(home)
    assert first.returncode == 0, first.stderr
    assert re.search(r"Stored .*/snapshots/openi: cases [1-9]\d* new", first.stdout)
    assert list((home / "plots").iterdir())
    assert port and not serves(port)
    case = re.search(r"medpix2 show (\S+)", (ROOT / "tools" / "demo").read_text("utf-8"))[1]
    page = subprocess.run([PROGRAM, "show", case, "--home", home], capture_output=True, text=True)
    assert page.returncode == 0 and page.stdout.startswith(case)
    assert "Nothing changed" in served_again(home, tmp_path / "said")


def served_again(home, said):
    """Run the demo until it serves; ask it, end it, and return what it printed."""
    environ = {name: value for name, value in os.environ.items() if name != "DEMO_SERVE"}
    with said.open("w") as out:
        command = subprocess.Popen(
            [ROOT / "tools" / "demo", PROGRAM, home], env=environ, start_new_session=True,
            stdout=out, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        found = (re.match(r"Open (http://\S+/) ", line) for line in command.stderr)
        address = next(filter(None, found), None)
        try:
            assert address, said.read_text("utf-8")
            with urlopen(f"{address[1]}search.json?limit=1") as answer:
                assert json.load(answer)["images"] > 0
        finally:
            os.killpg(command.pid, signal.SIGINT)
            command.communicate(timeout=60)
    assert command.returncode == 0
    return said.read_text("utf-8")


def test_a_demo_that_fails_stops_its_sites(home):
    (home / "snapshots").write_text("in the way")
    done, port = run(home)
    assert done.returncode == 1
    assert port and not serves(port)

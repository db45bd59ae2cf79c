from __future__ import annotations

import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import termios
import time
from contextlib import suppress

import pytest

from medpix2 import __version__
from medpix2.pipeline.build import build

COMMANDS = {
    "build", "find", "show", "stats", "schema", "phantom make", "db start", "db stop", "db status",
    "db backup", "db restore",
}  # fmt: skip


def test_help_names_every_command(medpix2):
    said = medpix2("--help").stdout
    for name in {command.split()[0] for command in COMMANDS}:
        assert re.search(rf"^\s+{name}\s", said, re.MULTILINE)
    assert "Not for diagnosis" in " ".join(said.split())


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_has_help(medpix2, command):
    said = medpix2(*command.split(), "--help").stdout
    assert said.startswith("Usage: medpix2")
    assert "--" in said
    assert "\x1b" not in said


def test_help_and_version_import_neither_torch_nor_a_database(medpix2):
    for arguments in (["--help"], ["--version"], ["find", "--help"], ["build", "--help"]):
        done = medpix2(*arguments, env={"PYTHONPROFILEIMPORTTIME": "1"})
        imported = set(re.findall(r"\|\s+([\w.]+)$", done.stderr, re.MULTILINE))
        assert "medpix2.cli.program" in imported
        heavy = ("torch", "pymongo", "numpy", "PIL", "bson", "scipy", "matplotlib", "imagehash")
        assert not {name for name in imported if name.split(".")[0] in heavy}


def test_the_version_is_that_of_the_package(medpix2):
    assert medpix2("--version").stdout == f"medpix2 {__version__}\n"


def test_ctrl_c_at_the_very_end_does_not_kill_what_is_done(medpix2):
    for _ in range(8):
        command = medpix2.start("--version")
        assert command.stdout.readline()
        command.send_signal(signal.SIGINT)
        command.communicate(timeout=60)
        assert command.returncode in (0, 130)


@pytest.mark.parametrize(
    "arguments",
    [
        ["no-such-command"], ["find", "--no-such-option"], ["find", "--limit", "many"], ["build"],
        ["show"], ["db", "start", "--port", "0"], ["phantom", "make", "x", "--cases", "0"],
    ],
)  # fmt: skip
def test_wrong_usage_ends_with_2_and_changes_nothing(medpix2, fresh_home, arguments):
    done = medpix2(*arguments, code=2)
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert not fresh_home.home.exists()


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["find"], "is empty: fill it with `medpix2 build SOURCE`"),
        (["stats"], "is empty: fill it with"),
        (["build", "nowhere"], "Source 'nowhere' is not there: name a folder"),
        (["find", "--age", "old"], "Age 'old' is no range of whole years: write 30-50"),
        (["find", "--age", "50-30"], "Age range '50-30' is empty"),
        (["schema", "x"], "No document is called 'x': use case or image"),
        (["find", "--jobs", "0"], "--jobs has the value '0'"),
        (["find", "--database", "a/b"], "--database has the value 'a/b'"),
        (["find", "--linger", "x"], "--linger has the value 'x'"),
        (["db", "restore", "nowhere.tar.gz"], "nowhere.tar.gz"),
        (["phantom", "make", "/proc/x"], "/proc/x"),
    ],
)
def test_every_error_is_one_line_and_code_1(medpix2, arguments, line):
    assert line in medpix2.failing(*arguments)


def test_a_bad_setting_in_the_environment_or_the_file_is_named(medpix2, fresh_home):
    assert "MEDPIX2_JOBS has the value 'x'" in medpix2.failing("find", env={"MEDPIX2_JOBS": "x"})
    fresh_home.home.mkdir()
    (fresh_home.home / "settings.toml").write_text("colour = 1")
    assert "unknown key 'colour'" in medpix2.failing("find")


def test_the_home_may_stand_before_or_after_the_command(phantom_program, tmp_path):
    empty = str(tmp_path / "other")
    for arguments in (["--home", empty, "show", "MPX90000"], ["show", "MPX90000", "--home", empty]):
        assert f"{empty}/pictures/" in phantom_program(*arguments).stdout
    both = ["--home", "/nowhere", "show", "MPX90000", "--home", empty]
    assert f"{empty}/pictures/" in phantom_program(*both).stdout


def test_ctrl_c_before_anything_began_is_one_line_and_130(medpix2, phantom_folder):
    command = medpix2.start("build", str(phantom_folder))
    time.sleep(0.35)
    os.killpg(command.pid, signal.SIGINT)
    out, err = command.communicate(timeout=60)
    if command.returncode != 0:
        assert command.returncode == 130
        assert out == ""
        assert len(err.splitlines()) == 1
        assert err.startswith("medpix2: Interrupted: run the same command again")


def test_a_reader_that_has_seen_enough_ends_a_command_quietly(phantom_program):
    for arguments in (["find", "--limit", "40", "--jsonl"], ["show", "MPX90000"], ["schema"]):
        command = phantom_program.start(*arguments)
        command.stdout.close()
        assert command.wait(timeout=60) == 0
        assert "Error" not in command.stderr.read()
        command.stderr.close()


def test_find_into_head_ends_quietly(phantom_program):
    command = phantom_program.start("find", "--images", "--limit", "100", "--json")
    head = subprocess.run(["head", "-1"], stdin=command.stdout, capture_output=True, text=True)
    command.stdout.close()
    assert head.stdout == "{\n"
    assert command.wait(timeout=60) == 0
    assert command.stderr.read() == ""
    command.stderr.close()


def on_terminal(program, *arguments):
    """Run a command on a terminal of 100 columns; return what that shows."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 100, 0, 0))
    command = program.start(
        *arguments, stdout=slave, stderr=slave, stdin=slave, environment={"TERM": "xterm"}
    )
    os.close(slave)
    shown = b""
    with suppress(OSError):  # the terminal's other end is closed
        while block := os.read(master, 4096):
            shown += block
    os.close(master)
    assert command.wait() == 0
    return shown.decode()


def test_a_terminal_shows_tables_that_fit_it(phantom_program):
    shown = on_terminal(phantom_program, "find", "--limit", "5")
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown)
    assert all(len(line) <= 100 for line in plain.splitlines())
    assert "1 to 5 of 40 cases" in plain


def test_a_terminal_shows_how_far_a_build_is(medpix2, source):
    shown = on_terminal(medpix2, "build", source.write())
    for word in ("pictures", "cases", "fold", "9/9"):
        assert word in shown


def test_the_text_of_a_source_cannot_control_the_terminal(fresh_home, medpix2, source):
    evil = "\x1b]0;owned\x07\x1b[2J\x9b31m\r\x08"
    source.found("MPX1")["Case"]["Title"] = f"Evil {evil}title"
    source.found("MPX1")["Case"]["History"] = f"A {evil}history"
    source.found("MPX1_ct0")["Description"]["Caption"] = f"Caption {evil}"
    source.found("MPX1_ct0")["Location"] = f"Brain{evil}"
    source.found("MPX1_ct1")["Type"] = f"Type{evil}"
    build(fresh_home, source.write())
    said = [medpix2("build", source.write(), "--recheck"), medpix2("find"), medpix2("show", "MPX1"),
            medpix2("find", "--images"), medpix2("stats")]  # fmt: skip
    for done in said:
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\x80-\x9f]", done.stdout + done.stderr)
    assert "\\u001b" in medpix2("find", "--json").stdout

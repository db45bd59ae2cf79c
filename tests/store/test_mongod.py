from __future__ import annotations

import socket
from pathlib import Path

import pytest

from medpix2.errors import (
    DiskFull,
    MissingLibrary,
    NoServer,
    NotWritable,
    OtherVersion,
    PortTaken,
    ServerError,
)
from medpix2.store.mongod import cache_gib, explain, find_mongod, port_taken, version_of
from medpix2.store.places import places_of


def script(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_wheel_comes_before_the_path(tmp_path):
    own = script(tmp_path / "mongod", "exit 1")
    assert find_mongod(path=str(tmp_path)) != own
    assert find_mongod(package="no_such_package", path=str(tmp_path)) == own


def test_neither_wheel_nor_path(tmp_path):
    with pytest.raises(NoServer, match=r"for \w+ on \w+: install .*--mongo-url"):
        find_mongod(package="no_such_package", path=str(tmp_path))


def test_version_of_the_real_one():
    assert version_of(find_mongod()).startswith("6.0.")


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("echo 'mongod: error while loading shared libraries: libfoo.so.9: cannot' >&2; exit 127",
         MissingLibrary, r"libfoo\.so\.9: install it, or"),
        ("echo \"mongod: /lib/libc.so.6: version \\`GLIBC_2.35' not found\" >&2; exit 1",
         MissingLibrary, r"GLIBC_2\.35"),
        ("kill -ILL $$", NoServer, "AVX"),
        ("echo what >&2; exit 3", NoServer, r"does not run \(what\)"),
        ("exit 3", NoServer, "exit code 3"),
    ],
)  # fmt: skip
def test_binary_that_does_not_run(tmp_path, text, kind, words):
    with pytest.raises(kind, match=words) as error:
        version_of(script(tmp_path / "mongod", text))
    assert "\n" not in str(error.value)


def test_binary_of_another_machine(tmp_path):
    binary = tmp_path / "mongod"
    binary.write_bytes(b"\x7fELF nonsense")
    binary.chmod(0o755)
    with pytest.raises(NoServer, match=r"does not run \(Exec format error\)"):
        version_of(binary)
    binary.chmod(0o644)
    with pytest.raises(NoServer, match="Permission denied"):
        version_of(binary)


NEWS = '{"t":1,"s":"I", "c":"REPL","msg":"current featureCompatibilityVersion value"}\n'


@pytest.mark.parametrize(
    ("said", "code", "kind"),
    [
        ('{"s":"E","msg":"WT","attr":{"error":"No space left on device"}}', 14, DiskFull),
        ('{"s":"E","msg":"x","attr":{"error":"Address already in use"}}', 48, PortTaken),
        ('{"s":"F","msg":"UPGRADE PROBLEM: featureCompatibilityVersion"}', 62, OtherVersion),
        ('{"s":"E","msg":"x","attr":{"error":"Permission denied"}}', 100, NotWritable),
        ('{"s":"E","msg":"x","attr":{"error":"DBPathInUse: locked"}}', 100, ServerError),
        ('{"s":"F","msg":"Fatal assertion"}', -6, ServerError),
        ("not json {", 1, ServerError),
        ("", None, ServerError),
    ],
)  # fmt: skip
def test_last_words(said, code, kind):
    error = explain(NEWS + said, code, places_of(Path("/h")), 27017)
    assert type(error) is kind
    assert "\n" not in str(error)


def test_unknown_end_names_reason_and_log():
    said = '{"s":"F","msg":"Wow","attr":{"error":"broken"}}\n' + NEWS
    error = str(explain(said, 14, places_of(Path("/h")), None))
    assert "Wow broken" in error and "/h/logs/mongod.log" in error


def test_port_taken_names_the_port():
    with socket.create_server(("127.0.0.1", 0)) as holder:
        assert str(holder.getsockname()[1]) in str(port_taken(holder.getsockname()[1]))


def test_cache_is_neither_tiny_nor_greedy():
    assert 0.25 <= cache_gib() <= 4

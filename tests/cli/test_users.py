from __future__ import annotations

import json

import pytest


@pytest.fixture
def password_file(tmp_path):
    file = tmp_path / "password"
    file.write_text("correct horse\nmore\n")
    return str(file)


def test_users_are_added_listed_and_removed(inside, password_file):
    said = inside("users", "add", "ann", "--role", "curator", "--password-file", password_file)
    assert said.stdout == "ann may log in as curator.\n"
    listed = json.loads(inside("users", "list", "--json").stdout)
    assert [(row["name"], row["role"]) for row in listed] == [("ann", "curator")]
    assert "ann\tcurator\t" in inside("users", "list").stdout
    inside("users", "remove", "ann")
    assert json.loads(inside("users", "list", "--json").stdout) == []


def test_the_password_comes_from_the_standard_input(inside, monkeypatch, tmp_path):
    piped = tmp_path / "piped"
    piped.write_text("correct horse\n")
    with piped.open() as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        inside("users", "add", "bob", "--password-file", "-")
    assert json.loads(inside("users", "list", "--json").stdout)[0]["role"] == "reader"


def test_what_is_wrong_is_one_line(inside, password_file, tmp_path):
    for arguments in (
        ("remove", "nobody"), ("add", "ann", "--password-file", str(tmp_path / "nowhere")),
        ("add", "Ann", "--password-file", password_file),
        ("add", "ann", "--role", "owner", "--password-file", password_file),
    ):  # fmt: skip
        said = inside("users", *arguments, code=1)
        assert said.stderr.startswith("medpix2: ")
        assert said.stderr.count("\n") == 1
        assert "correct horse" not in said.stderr

from __future__ import annotations

import re
from pathlib import Path


def test_nobody_from_elsewhere_is_served_without_users(phantom_program):
    for arguments in (
        ("--host", "127.0.0.1", "--host-name", "med.example"),
        ("--trust-proxy", "127.0.0.1"), ("--https",),
    ):  # fmt: skip
        line = phantom_program.failing("serve", "--port", "0", *arguments)
        assert "medpix2 users add" in line


def test_an_address_that_cannot_be_is_said(phantom_program):
    assert "--host-name" in phantom_program.failing("serve", "--host", "0.0.0.0")


def test_the_unit_of_the_manual_gives_options_that_there_are(phantom_program):
    manual = (Path(__file__).parents[2] / "docs" / "serve.md").read_text()
    (command,) = re.findall(r"ExecStart=\S+/medpix2 (.+)", manual)
    given = re.findall(r"--[a-z-]+", command)
    assert len(given) >= 5
    options = phantom_program("serve", "--help", env={"COLUMNS": "200"}).stdout
    named = re.findall(r"--[a-z-]+", options)
    assert set(given) <= set(named)
    shown = re.findall(r"^\| `(--[a-z-]+)", manual, re.M)
    assert set(shown) <= set(named)

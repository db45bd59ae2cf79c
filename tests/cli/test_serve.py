from __future__ import annotations


def test_nobody_from_elsewhere_is_served_without_users(phantom_program):
    for arguments in (
        ("--host", "127.0.0.1", "--host-name", "med.example"),
        ("--trust-proxy", "127.0.0.1"), ("--https",),
    ):  # fmt: skip
        line = phantom_program.failing("serve", "--port", "0", *arguments)
        assert "medpix2 users add" in line


def test_an_address_that_cannot_be_is_said(phantom_program):
    assert "--host-name" in phantom_program.failing("serve", "--host", "0.0.0.0")

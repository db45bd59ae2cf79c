from __future__ import annotations

import pytest


def test_every_answer_forbids_foreign_and_inline_scripts(client):
    for path in ("/search", "/search.json", "/static/app.css", "/nowhere", "/case/x"):
        headers = client.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "", "localhost.evil.example"])
def test_another_host_is_not_served(client, host):
    assert client.get("/search.json", headers={"Host": host}).status_code == 421


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8000", "[::1]:8000", "LOCALHOST:1"])
def test_this_machine_is_served(client, host):
    assert client.get("/search.json?limit=1", headers={"Host": host}).status_code == 200


def test_pages_have_nothing_inline(client):
    for path in ("/search", "/case/MPX90001", "/nowhere"):
        text = client.get(path).text
        assert " style=" not in text
        assert "<style" not in text
        assert " onclick=" not in text
        assert "<script>" not in text

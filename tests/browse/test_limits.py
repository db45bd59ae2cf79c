from __future__ import annotations

import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient

from medpix2.browse import limits
from medpix2.browse.limits import LARGEST, Limits, network_of
from medpix2.browse.page import templates
from medpix2.browse.problems import add_problems


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def client(clock) -> TestClient:
    app = FastAPI()

    @app.post("/")
    async def length(request: Request) -> int:
        return len(await request.body())

    add_problems(app, templates())
    app.add_middleware(Limits, rate=2.0, clock=clock)
    return TestClient(app, headers={"Accept": "application/json"})


def test_a_body_has_a_largest_size_whether_it_says_it_or_not(client, clock):
    assert client.post("/", content=b"x" * LARGEST).json() == LARGEST

    def parts():
        for _ in range(5):
            yield b"x" * (LARGEST // 4)

    for content in (b"x" * (LARGEST + 1), parts()):
        answer = client.post("/", content=content)
        assert answer.status_code == 413
        assert "too large" in answer.json()["failed"]


def test_an_address_that_asks_too_often_waits(client, clock):
    statuses = [client.post("/").status_code for _ in range(12)]
    assert statuses == [200] * 10 + [429] * 2
    assert client.post("/").headers["retry-after"] == "1"
    clock.now += 1
    assert [client.post("/").status_code for _ in range(3)] == [200, 200, 429]


def test_memory_is_bounded(monkeypatch, clock):
    monkeypatch.setattr(limits, "KEPT", 10)
    limit = Limits(None, 1.0, clock)
    for number in range(50):
        assert limit._may(str(number))
    assert len(limit._left) == 10


@pytest.mark.parametrize(("client_", "counted"), [
    (("10.0.0.1", 5), "10.0.0.1"), (("2001:db8::5:1", 5), "2001:db8::/64"), (None, ""),
    (("fe80::1%eth0", 1), "fe80::/64"),
])  # fmt: skip
def test_ipv6_networks_count_as_one(client_, counted):
    assert network_of({"client": client_}) == counted

from __future__ import annotations

import re

import pytest
from fastapi import Response
from starlette.requests import Request

from medpix2.browse.access import Access
from medpix2.browse.app import make_app
from medpix2.browse.curator import COOKIE, curator_of, keep_name, required_curator
from medpix2.errors import AccessError, QueryError
from medpix2.store.accounts import User


def request_of(home, *, cookie: str = "", user: User | None = None, log_in: bool = False):
    app = make_app(home, Access(log_in=log_in))
    scope = {
        "type": "http", "app": app, "state": {"user": user} if user else {},
        "headers": [(b"cookie", f"{COOKIE}={cookie}".encode())] if cookie else [],
    }  # fmt: skip
    return Request(scope)


def test_a_name_comes_back_as_it_was_said(fresh_home):
    answer = Response()
    keep_name(request_of(fresh_home), answer, "  Zoë; the 2nd ")
    kept = re.match(f"{COOKIE}=([^;]*); Path=/; HttpOnly", answer.headers["set-cookie"])
    assert curator_of(request_of(fresh_home, cookie=kept[1])) == "Zoë; the 2nd"


def test_nobody_decides_without_a_name(fresh_home):
    assert curator_of(request_of(fresh_home)) is None
    assert curator_of(request_of(fresh_home, cookie="%20")) is None
    with pytest.raises(AccessError, match="who decides"):
        required_curator(request_of(fresh_home))


def test_who_has_logged_in_decides_under_that_name_alone(fresh_home):
    ann = User("ann", "curator", "2026-01-01")
    asking = request_of(fresh_home, cookie="bob", user=ann, log_in=True)
    assert required_curator(asking) == "ann"
    with pytest.raises(QueryError, match="under that name"):
        keep_name(asking, Response(), "bob")


def test_a_reader_decides_nothing(fresh_home):
    asking = request_of(
        fresh_home, cookie="bob", user=User("rea", "reader", "2026-01-01"), log_in=True
    )
    assert curator_of(asking) is None
    with pytest.raises(AccessError, match="not decide"):
        required_curator(asking)

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from medpix2.browse.access import Access
from medpix2.browse.visitor import require_curator, user_of
from medpix2.errors import AccessError, NotLoggedIn
from medpix2.store.accounts import User


def request_of(role: str | None, *, log_in: bool = True):
    """Return a request as the routes see it, once it is known who asks."""
    user = User("ann", role, datetime.now(UTC)) if role else None
    app = SimpleNamespace(state=SimpleNamespace(access=Access(log_in=log_in)))
    return SimpleNamespace(app=app, state=SimpleNamespace(user=user) if user else object())


def test_curators_may_decide_and_everybody_on_their_own_machine():
    require_curator(request_of("curator"))
    require_curator(request_of(None, log_in=False))
    assert user_of(request_of("curator")).name == "ann"
    assert user_of(request_of(None)) is None


def test_readers_may_not_and_neither_may_who_has_not_logged_in():
    with pytest.raises(AccessError, match="may read, but not decide"):
        require_curator(request_of("reader"))
    with pytest.raises(NotLoggedIn):
        require_curator(request_of(None))

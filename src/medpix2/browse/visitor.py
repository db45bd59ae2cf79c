"""Who asks: the user of the session where one must log in, and what the role allows."""

from __future__ import annotations

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from medpix2.browse.access import Access
from medpix2.browse.csrf import SESSION_COOKIE
from medpix2.browse.holding import Holder
from medpix2.errors import AccessError, NotLoggedIn
from medpix2.store.accounts import User, session_user

OPEN = ("/login", "/healthz")  # routes for those who have not logged in


async def identify(request: Request) -> None:
    """Find out who asks, for every route; where one must log in, refuse who has not.

    Raises
    ------
    NotLoggedIn
        No session is open.
    """
    access: Access = request.app.state.access
    if not access.log_in:
        return
    token = request.cookies.get(SESSION_COOKIE)
    if getattr(request.scope.get("route"), "path", None) in OPEN:
        return
    user = await run_in_threadpool(_user, request.app.state.holder, token) if token else None
    if user is None:
        raise NotLoggedIn("Nobody has logged in here", "log in")
    request.state.user = user


def user_of(request: Request) -> User | None:
    """Return who asks, or None where nobody has to log in."""
    user: User | None = getattr(request.state, "user", None)
    return user


def require_curator(request: Request) -> None:
    """Refuse who may not decide; where nobody has to log in, everybody may.

    Raises
    ------
    AccessError
        The user is a reader.
    """
    user = user_of(request)
    if user is None and request.app.state.access.log_in:
        raise NotLoggedIn("Nobody has logged in here", "log in")
    if user is not None and user.role != "curator":
        raise AccessError(f"{user.name} may read, but not decide", "ask for the role curator")


def _user(holder: Holder, token: str) -> User | None:
    with holder.store() as store:
        return session_user(store.db, token)

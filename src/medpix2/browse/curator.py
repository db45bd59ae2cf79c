"""Who decides: the user who has logged in, or the name that somebody gave who need not."""

from __future__ import annotations

from urllib.parse import quote, unquote

from fastapi import Request
from fastapi.responses import Response

from medpix2.browse.csrf import cookie_line
from medpix2.browse.visitor import require_curator, user_of
from medpix2.errors import AccessError, QueryError

COOKIE = "medpix2_curator"
LONGEST = 100  # characters of a name


def curator_of(request: Request) -> str | None:
    """Return the name under which whoever asks decides; None if it is not known.

    This is the only place that says so: every decision in the log has this name.
    """
    user = user_of(request)
    if user is not None:
        return user.name if user.role == "curator" else None
    name = unquote(request.cookies.get(COOKIE, "")).strip()
    return name[:LONGEST] or None


def required_curator(request: Request) -> str:
    """Return the name under which whoever asks decides.

    Raises
    ------
    AccessError
        The user may only read, or nobody has said a name.
    """
    require_curator(request)
    name = curator_of(request)
    if name is None:
        raise AccessError("Nobody knows who decides", "say your name on the page /curate first")
    return name


def keep_name(request: Request, answer: Response, name: str) -> None:
    """Have the browser keep a name until it is closed; an empty one is forgotten.

    Raises
    ------
    QueryError
        Who has logged in has a name already.
    """
    if user_of(request) is not None:
        raise QueryError("Who has logged in decides under that name", "log out to use another one")
    cookie = cookie_line(COOKIE, quote(name.strip()[:LONGEST], safe=""), request.app.state.access)
    answer.headers.append("Set-Cookie", cookie)

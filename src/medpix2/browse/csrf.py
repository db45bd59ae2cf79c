"""Protection of forms against other sites: where a request comes from, and a token only we give.

A template with a form prints `csrf_token(request)` into a hidden field `csrf`; a script sends it as
the header `X-CSRF-Token`; a route that changes something depends on `require_csrf`. The token is
bound to the session, or to a cookie of the visit where nobody has to log in.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from urllib.parse import urlsplit

from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from medpix2.browse.access import Access
from medpix2.errors import AccessError

FIELD, HEADER = "csrf", "X-CSRF-Token"
SESSION_COOKIE, VISIT_COOKIE = "medpix2_session", "medpix2_visit"
_KEY = secrets.token_bytes(32)  # of this process: a form outlives no restart
_SENT_BY_US = ("same-origin", "none")


def csrf_token(request: Request) -> str:
    """Return the token for forms of this visitor; the answer sets the visit's cookie if need be."""
    return _token(_visit(request) or _begin_visit(request))


async def require_csrf(request: Request) -> None:
    """Refuse a request that another site may have caused.

    A request that no browser sent (without cookies and origin) needs no token: it has no rights
    that another site could borrow.

    Raises
    ------
    AccessError
        The origin is another one, or the token does not fit.
    """
    sent_by = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin")
    if sent_by not in _SENT_BY_US or (origin is not None and not _is_ours(origin, request)):
        raise AccessError("Another site sent this form", "use the page of medpix2")
    visit = _visit(request)
    if visit is None and origin is None and not request.cookies:
        return
    given = request.headers.get(HEADER)
    if given is None:
        field = (await request.form()).get(FIELD)
        given = field if isinstance(field, str) else ""
    expected = _token(visit) if visit else secrets.token_hex()
    if not hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode()):
        raise AccessError("This form is too old, or cookies are off", "open its page anew")


class Visits:
    """Gives the cookie of a visit to whoever was shown a form without having one."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app, self._access = app, access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""

        async def with_cookie(message: Message) -> None:
            visit = scope.get("state", {}).get("begun_visit")
            if message["type"] == "http.response.start" and visit:
                https = scope.get("scheme") == "https"
                cookie = cookie_line(VISIT_COOKIE, visit, self._access, https=https)
                MutableHeaders(scope=message).append("Set-Cookie", cookie)
            await send(message)

        await self._app(scope, receive, with_cookie)


def cookie_line(name: str, value: str, access: Access, *, https: bool = False) -> str:
    """Return a `Set-Cookie` that no script reads; an empty value removes the cookie."""
    secure = "; Secure" if access.https or https else ""
    gone = "" if value else "; Max-Age=0"
    path = access.root_path or "/"
    return f"{name}={value}; Path={path}; HttpOnly; SameSite=Lax{secure}{gone}"


def _visit(request: Request) -> str | None:
    return request.cookies.get(SESSION_COOKIE) or request.cookies.get(VISIT_COOKIE)


def _begin_visit(request: Request) -> str:
    begun = getattr(request.state, "begun_visit", None) or secrets.token_urlsafe(24)
    request.state.begun_visit = begun
    return str(begun)


def _token(visit: str) -> str:
    return hmac.new(_KEY, visit.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def _is_ours(origin: str, request: Request) -> bool:
    # The scheme is not compared: a proxy that ends TLS may not tell it.
    return urlsplit(origin).netloc.lower() == request.headers.get("host", "").lower()

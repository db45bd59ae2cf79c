"""The log-in page, and who has logged in."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response
from fastapi.templating import Jinja2Templates
from pydantic import BaseModel, Field

from medpix2.browse.access import Access
from medpix2.browse.attempts import Attempts
from medpix2.browse.audit import audit
from medpix2.browse.csrf import SESSION_COOKIE, VISIT_COOKIE, cookie_line, csrf_token, require_csrf
from medpix2.browse.holding import Holder
from medpix2.browse.limits import network_of
from medpix2.browse.visitor import user_of
from medpix2.errors import AccessError, TooOften
from medpix2.pipeline.accounts import LONGEST, log_in
from medpix2.store.accounts import end_session

WHILE = 900.0  # seconds that a failed log-in counts
# Failures in that time: of a name from one address, of one address, of a name from anywhere.
LIMITS = (5, 30, 100)
_Name = Annotated[str, Form(max_length=64)]
_Password = Annotated[str, Form(max_length=LONGEST)]
_Next = Annotated[str, Form(max_length=2000)]


class Visitor(BaseModel):
    """Who asks."""

    name: str | None = Field(description="Name of the user; null where nobody has to log in.")
    role: str | None = Field(description="reader or curator; null where nobody has to log in.")
    csrf: str = Field(description="Token for requests that change something: X-CSRF-Token.")


class Door:
    """Lets in who knows the password, and slows down who guesses."""

    def __init__(self) -> None:
        self._attempts = tuple(Attempts(limit, WHILE) for limit in LIMITS)

    def enter(self, request: Request, name: str, password: str) -> str:
        """Return the token of a new session.

        Raises
        ------
        TooOften
            Too many have failed from there, or with this name.
        AccessError
            The name or password is wrong.
        """
        address = network_of(request.scope)
        keys = ((name, address), address, name)
        wait = max(tried.wait(key) for tried, key in zip(self._attempts, keys, strict=True))
        if wait:
            audit(request, "log-in refused", name=name)
            raise TooOften("Too many log-ins failed", f"try again in {wait / 60:.0f} minutes")
        # Counted before the password is looked at, lest many be tried at once.
        for tried, key in zip(self._attempts, keys, strict=True):
            tried.failed(key)
        holder: Holder = request.app.state.holder
        with holder.store() as store:
            token = log_in(store, name, password)
        if token is None:
            audit(request, "log-in failed", name=name)
            raise AccessError("The name or the password is wrong", "try again")
        self._attempts[0].forget(keys[0])
        audit(request, "log-in", name=name)
        return token


def login_routes(made: Jinja2Templates, access: Access) -> APIRouter:
    """Return the route that tells who asks, and, where one must log in, those of that."""
    router = APIRouter()

    @router.get("/visitor.json")
    def visitor(request: Request) -> Visitor:
        """Tell who asks, with the token for requests that change something."""
        user = user_of(request)
        return Visitor(
            name=user.name if user else None,
            role=user.role if user else None,
            csrf=csrf_token(request),
        )

    if access.log_in:
        _add_login(router, made)
    return router


def _add_login(router: APIRouter, made: Jinja2Templates) -> None:
    door = Door()

    def page(request: Request, to: str, status: int = 200, problem: str = "") -> Response:
        context = {"next": to, "problem": problem}
        return made.TemplateResponse(request, "login.html", context, status_code=status)

    @router.get("/login", include_in_schema=False)
    def login_page(request: Request, next: str = "") -> Response:
        return page(request, next)

    @router.post("/login", include_in_schema=False, dependencies=[Depends(require_csrf)])
    def login(request: Request, name: _Name, password: _Password, next: _Next = "") -> Response:
        try:
            token = door.enter(request, name.strip().lower(), password)
        except AccessError as error:
            status = 429 if isinstance(error, TooOften) else 403
            return page(request, next, status, f"{error.failed}: {error.todo}.")
        answer = RedirectResponse(local_path(next, request), 303)
        _set(answer, request, SESSION_COOKIE, token)
        _set(answer, request, VISIT_COOKIE, "")
        return answer

    @router.post("/logout", include_in_schema=False, dependencies=[Depends(require_csrf)])
    def logout(request: Request) -> Response:
        holder: Holder = request.app.state.holder
        if token := request.cookies.get(SESSION_COOKIE):
            with holder.store() as store:
                end_session(store.db, token)
        audit(request, "log-out")
        answer = RedirectResponse(f"{request.scope.get('root_path', '')}/login", 303)
        _set(answer, request, SESSION_COOKIE, "")
        return answer


def local_path(wanted: str, request: Request) -> str:
    """Return where to go after the log-in: a path of ours, never another site."""
    root = str(request.scope.get("root_path", ""))
    # Browsers read \ as /, and // as the begin of a host.
    ours = wanted.startswith(f"{root}/") and wanted.isprintable() and "\\" not in wanted
    return quote(wanted, safe="/?&=%+:,;@!$'()*~#[]") if ours and wanted[1:2] != "/" else f"{root}/"


def _set(answer: Response, request: Request, name: str, value: str) -> None:
    access: Access = request.app.state.access
    https = request.url.scheme == "https"
    answer.headers.append("Set-Cookie", cookie_line(name, value, access, https=https))

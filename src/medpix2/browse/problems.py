"""Errors as pages that help, or as JSON where JSON was asked for."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse, RedirectResponse, Response
from fastapi.templating import Jinja2Templates
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from medpix2.browse.headers import HEADERS
from medpix2.browse.page import STATIC
from medpix2.errors import (
    AccessError,
    DecidedMeanwhile,
    Medpix2Error,
    NotFound,
    NotLoggedIn,
    QueryError,
    StoreError,
    TooOften,
)

NO_PICTURE = STATIC / "no-picture.svg"
# The first that an error is an instance of counts.
STATUS: tuple[tuple[type[Medpix2Error], int], ...] = (
    (NotFound, 404),
    (QueryError, 400),
    (DecidedMeanwhile, 409),
    (NotLoggedIn, 401),
    (TooOften, 429),
    (AccessError, 403),
    (StoreError, 503),
    (Medpix2Error, 500),
)


class WrongParameter(BaseModel):
    """A parameter that cannot be."""

    parameter: str = Field(description="Its name.")
    problem: str = Field(description="What is wrong with it.")


class Problem(BaseModel):
    """Why there is no answer."""

    failed: str = Field(description="What failed, and on what.")
    todo: str = Field(description="What to do about it.")
    parameters: list[WrongParameter] | None = Field(
        default=None, description="Parameters that cannot be; only with status 422."
    )


# Answers that every route may give, for OpenAPI.
PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "description": description}
    for status, description in {
        400: "The question cannot be answered.",
        401: "Nobody has logged in.",
        403: "The user may not do this, or another site sent the request.",
        404: "There is no such case, picture or page.",
        413: "The request is too large.",
        422: "A parameter cannot be.",
        429: "Too many requests; `Retry-After` says when to come again.",
        503: "The database does not answer; `Retry-After` says when to come again.",
    }.items()
}


def add_problems(app: FastAPI, made: Jinja2Templates) -> None:
    """Have errors answered as pages or JSON."""

    def answer(request: Request, status: int, failed: str, todo: str, **more: Any) -> Response:
        said = {"failed": failed, "todo": todo, **more}
        headers = {"Retry-After": "2" if status == 503 else "60"} if status in (429, 503) else None
        if wants_picture(request):
            # Browsers show the picture of an answer whatever its status is.
            return FileResponse(NO_PICTURE, status_code=status, headers=_unkept(headers))
        if wants_json(request):
            return JSONResponse(said, status_code=status, headers=headers)
        context = {"status": status, **said}
        return made.TemplateResponse(
            request, "problem.html", context, status_code=status, headers=headers
        )

    def ours(request: Request, error: Exception) -> Response:
        assert isinstance(error, Medpix2Error)
        if isinstance(error, NotLoggedIn) and wants_page(request):
            return RedirectResponse(_login(request), 303)
        status = next(status for kind, status in STATUS if isinstance(error, kind))
        return answer(request, status, error.failed, error.todo)

    def unfit(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        wrong = [
            {"parameter": ".".join(str(part) for part in found["loc"][1:]), "problem": found["msg"]}
            for found in error.errors()
        ]
        failed = "; ".join(f"{row['parameter']}: {row['problem']}" for row in wrong)
        todo = "mend the address, or begin a new search"
        return answer(request, 422, f"The address asks for what cannot be ({failed})", todo,
                      parameters=wrong)  # fmt: skip

    def http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if error.status_code == 404:
            return answer(request, 404, "There is no such page", "begin with the search")
        said = answer(request, error.status_code, str(error.detail), "go back")
        said.headers.update(error.headers or {})
        return said

    def crashed(request: Request, error: Exception) -> Response:
        said = answer(request, 500, "This is a fault of medpix2", "go back; the log has more")
        said.headers.update(HEADERS)  # this answer does not pass what adds them
        return said

    app.add_exception_handler(Medpix2Error, ours)
    app.add_exception_handler(RequestValidationError, unfit)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(Exception, crashed)


def wants_picture(request: Request) -> bool:
    """Tell whether a request is that of an `<img>` of a page."""
    return request.headers.get("accept", "").startswith("image/")


def _unkept(headers: dict[str, str] | None) -> dict[str, str]:
    return {**(headers or {}), "Cache-Control": "no-store"}


def wants_json(request: Request) -> bool:
    """Tell whether a request is for JSON: by its path, or by what it accepts."""
    accepted = request.headers.get("accept", "")
    return request.url.path.endswith(".json") or (
        "application/json" in accepted and "text/html" not in accepted
    )


def wants_page(request: Request) -> bool:
    """Tell whether a person looks at the answer: a browser says that it wants HTML."""
    return "text/html" in request.headers.get("accept", "") and not wants_json(request)


def _login(request: Request) -> str:
    root = request.scope.get("root_path", "")
    path = request.url.path
    if root and not path.startswith(f"{root}/"):  # the proxy has taken it away
        path = root + path
    asked = path + (f"?{request.url.query}" if request.url.query else "")
    # What was sent by a form is lost; the page that it stood on is not known.
    query = "?" + urlencode({"next": asked}) if request.method == "GET" else ""
    return f"{root}/login{query}"

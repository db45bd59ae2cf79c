"""Errors as pages that help, or as JSON where JSON was asked for."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse, Response
from fastapi.templating import Jinja2Templates
from starlette.exceptions import HTTPException

from medpix2.browse.page import STATIC
from medpix2.errors import Medpix2Error, NotFound, QueryError, StoreError

NO_PICTURE = STATIC / "no-picture.svg"
# The first that an error is an instance of counts.
STATUS: tuple[tuple[type[Medpix2Error], int], ...] = (
    (NotFound, 404),
    (QueryError, 400),
    (StoreError, 503),
    (Medpix2Error, 500),
)


def add_problems(app: FastAPI, made: Jinja2Templates) -> None:
    """Have errors answered as pages or JSON."""

    def answer(request: Request, status: int, failed: str, todo: str, **more: Any) -> Response:
        said = {"failed": failed, "todo": todo, **more}
        headers = {"Retry-After": "2"} if status == 503 else None
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
        return answer(request, error.status_code, str(error.detail), "go back")

    app.add_exception_handler(Medpix2Error, ours)
    app.add_exception_handler(RequestValidationError, unfit)
    app.add_exception_handler(HTTPException, http)


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

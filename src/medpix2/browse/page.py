"""One function makes a page and its `.json` twin from the same context."""

from __future__ import annotations

import functools
import inspect
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates
from markupsafe import Markup, escape
from pydantic import BaseModel

from medpix2 import __version__
from medpix2.browse.csrf import csrf_token
from medpix2.browse.visitor import user_of
from medpix2.errors import QueryError

HERE = Path(__file__).parent
STATIC = HERE / "static"
_PageFunction = Callable[..., BaseModel]


def templates() -> Jinja2Templates:
    """Return the templates; what they print is escaped."""
    made = Jinja2Templates(HERE / "templates")
    made.env.trim_blocks = made.env.lstrip_blocks = True
    made.env.globals |= {"version": __version__, "csrf_token": csrf_token, "user_of": user_of}
    made.env.filters["marked"] = marked
    made.env.filters["pretty"] = pretty
    return made


def marked(text: str | None, marks: Iterable[tuple[int, int]]) -> Markup:
    """Return a text with the words that stand at these places marked; all of it is escaped."""
    text, parts, end = text or "", [], 0
    for start, stop in marks:
        parts += [escape(text[end:start]), Markup("<mark>%s</mark>") % text[start:stop]]
        end = stop
    return Markup("").join([*parts, escape(text[end:])])


def pretty(document: object) -> str:
    """Return a document as JSON for people."""
    return json.dumps(document, indent=2, ensure_ascii=False, default=str)


def add_page(
    router: APIRouter,
    made: Jinja2Templates,
    path: str,
    template: str,
    function: _PageFunction,
    *,
    mend: _PageFunction | None = None,
) -> None:
    """Serve what a function returns as a page at a path, and as JSON at the path with `.json`.

    Parameters
    ----------
    router, made
        Where the two routes go, and the templates.
    path, template
        Path of the page, and the template that shows it; it gets the returned model as `page`.
    function
        Takes what FastAPI gives to an endpoint; its docstring describes both in OpenAPI. It must
        say which model it returns.
    mend
        Takes an error in the question, and what the function takes; returns the page on which the
        question can be mended. Without it, the error has a page of its own.
    """
    returned = inspect.signature(function, eval_str=True).return_annotation
    router.add_api_route(f"{path}.json", function, response_model=returned, methods=["GET"])

    signature = inspect.signature(function, eval_str=True)
    asked = inspect.Parameter("request_", inspect.Parameter.KEYWORD_ONLY, annotation=Request)

    @functools.wraps(function)
    def shown(request_: Request, **values: Any) -> HTMLResponse:
        status = 200
        try:
            page = function(**values)
        except QueryError as error:
            if mend is None:
                raise
            page, status = mend(error, **values), 400
        return made.TemplateResponse(request_, template, {"page": page}, status_code=status)

    keyword = [
        p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in signature.parameters.values()
    ]
    shown.__signature__ = signature.replace(  # type: ignore[attr-defined]
        parameters=[*keyword, asked], return_annotation=HTMLResponse
    )
    router.add_api_route(path, shown, response_class=HTMLResponse, include_in_schema=False)

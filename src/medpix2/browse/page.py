"""One function makes a page and its `.json` twin from the same context."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates
from pydantic import BaseModel

from medpix2 import __version__
from medpix2.browse.csrf import csrf_token
from medpix2.browse.visitor import user_of

HERE = Path(__file__).parent
STATIC = HERE / "static"
_PageFunction = Callable[..., BaseModel]


def templates() -> Jinja2Templates:
    """Return the templates; what they print is escaped."""
    made = Jinja2Templates(HERE / "templates")
    made.env.trim_blocks = made.env.lstrip_blocks = True
    made.env.globals |= {"version": __version__, "csrf_token": csrf_token, "user_of": user_of}
    return made


def add_page(
    router: APIRouter, made: Jinja2Templates, path: str, template: str, function: _PageFunction
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
    """
    returned = inspect.signature(function, eval_str=True).return_annotation
    router.add_api_route(f"{path}.json", function, response_model=returned, methods=["GET"])

    signature = inspect.signature(function, eval_str=True)
    asked = inspect.Parameter("request_", inspect.Parameter.KEYWORD_ONLY, annotation=Request)

    @functools.wraps(function)
    def shown(request_: Request, **values: Any) -> HTMLResponse:
        return made.TemplateResponse(request_, template, {"page": function(**values)})

    keyword = [
        p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in signature.parameters.values()
    ]
    shown.__signature__ = signature.replace(  # type: ignore[attr-defined]
        parameters=[*keyword, asked], return_annotation=HTMLResponse
    )
    router.add_api_route(path, shown, response_class=HTMLResponse, include_in_schema=False)

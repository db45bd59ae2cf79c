"""The web application of one database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Path, Query, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from fastapi.templating import Jinja2Templates
from starlette.staticfiles import StaticFiles

from medpix2 import __version__
from medpix2.browse import advanced, case, downloads, pictures, search
from medpix2.browse.access import Access
from medpix2.browse.audit import Noted
from medpix2.browse.csrf import Visits
from medpix2.browse.curating import curate_routes
from medpix2.browse.head import HeadAsGet
from medpix2.browse.headers import Guard
from medpix2.browse.holding import Holder
from medpix2.browse.limits import Limits
from medpix2.browse.login import login_routes
from medpix2.browse.page import STATIC, add_page, templates
from medpix2.browse.problems import PROBLEMS, add_problems
from medpix2.browse.questions import Asked
from medpix2.browse.stored import Stored
from medpix2.browse.visitor import identify
from medpix2.errors import Medpix2Error, QueryError
from medpix2.settings import Settings

_Side = Annotated[int, Path(description="Pixels of the longer side: 160 or 320.")]
_Id = Annotated[str | None, Query(max_length=300, description="Id of a picture of the case.")]


def make_app(
    settings: Settings,
    access: Access | None = None,
    *,
    holder: Holder | None = None,
    all_noted: bool = False,
) -> FastAPI:
    """Return the application of the database of these settings.

    Parameters
    ----------
    settings
        Home and server; the database is opened by the first request that needs it.
    access
        Who may ask; by default everybody on this machine.
    holder
        Who holds the database; by default one that opens it for the first request.
    all_noted
        Whether every request is noted in the log, not only changes and downloads.
    """
    access = access or Access()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        app.state.holder.close()

    app = FastAPI(
        title="medpix2", version=__version__, lifespan=lifespan,
        description="Pages of a MedPix 2.0 database as JSON. Not for diagnosis.",
        docs_url=None, redoc_url=None, responses=PROBLEMS,
        dependencies=[Depends(identify)],  # of all routes, lest one be forgotten
    )  # fmt: skip
    app.state.holder, app.state.access = holder or Holder(settings), access
    made = templates()
    app.include_router(_pages(made))
    app.include_router(_files())
    app.include_router(curate_routes(made))
    app.include_router(login_routes(made, access))
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    add_problems(app, made)
    app.add_middleware(Visits, access=access)
    app.add_middleware(HeadAsGet)
    app.add_middleware(Limits, rate=access.rate)
    app.add_middleware(Guard, hosts=access.hosts, root_path=access.root_path)
    app.add_middleware(Noted, all_requests=all_noted)
    return app


def _pages(made: Jinja2Templates) -> APIRouter:
    router = APIRouter()

    def search_page(store: Stored, question: Asked) -> search.SearchPage:
        """Search pictures or cases by words and facets."""
        return search.search(store, question)

    def search_mended(error: QueryError, store: Stored, question: Asked) -> search.SearchPage:
        return search.refused(error, question)

    def advanced_page(store: Stored, question: advanced.Asked) -> advanced.AdvancedPage:
        """Ask a view by any field, or by a filter of MongoDB."""
        return advanced.advanced(store, question)

    def advanced_mended(
        error: QueryError, store: Stored, question: advanced.Asked
    ) -> advanced.AdvancedPage:
        return advanced.refused(error, question)

    def case_page(
        store: Stored, name: str, picture: _Id = None, beside: _Id = None
    ) -> case.CasePage:
        """Show a case by its id, or by that of one of its pictures."""
        return case.case(store, name, picture, beside)

    add_page(router, made, "/search", "search.html", search_page, mend=search_mended)
    add_page(router, made, "/advanced", "advanced.html", advanced_page, mend=advanced_mended)
    add_page(router, made, "/case/{name}", "case.html", case_page)

    @router.get("/", include_in_schema=False)
    def start(request: Request) -> Response:
        return RedirectResponse(f"{request.scope.get('root_path', '')}/search")

    return router


def _files() -> APIRouter:
    router = APIRouter()

    @router.get("/picture/{name}", response_class=Response)
    def picture(store: Stored, name: str, request: Request) -> Response:
        """Return a picture as it is stored."""
        return pictures.picture(store, name, request)

    @router.get("/thumbnail/{side}/{name}", response_class=Response)
    def thumbnail(store: Stored, side: _Side, name: str, request: Request) -> Response:
        """Return a small WebP of a picture, its longer side 160 or 320 pixels."""
        return pictures.thumbnail(store, name, side, request)

    @router.get("/picture/{name}/file", response_class=Response)
    def picture_file(store: Stored, name: str) -> Response:
        """Return a picture as a file to keep."""
        return downloads.picture_file(store, name)

    @router.get("/case/{name}/published.json", response_class=Response)
    def published_json(store: Stored, name: str) -> Response:
        """Return the document of a case as published, as a file to keep."""
        return downloads.published_json(store, name)

    @router.get("/case/{name}/case.zip", response_class=Response)
    def case_zip(store: Stored, name: str) -> Response:
        """Return a case with its pictures as a ZIP file in the published layout."""
        return downloads.case_zip(store, name)

    @router.get("/healthz")
    def health(request: Request) -> Response:
        """Tell whether the database answers; needs no log-in."""
        holder: Holder = request.app.state.holder
        try:
            with holder.store() as store:
                store.db.command("ping")
        except Medpix2Error as error:
            return JSONResponse({"failed": error.failed, "todo": error.todo}, 503)
        return JSONResponse({"status": "ok", "version": __version__})

    return router

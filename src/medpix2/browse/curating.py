"""The routes of curing: the queue, decisions, the name of the curator, the report.

What these need of the pipeline is imported by the first request: the other pages need not wait.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from fastapi.templating import Jinja2Templates
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from medpix2.browse.audit import audit
from medpix2.browse.csrf import require_csrf
from medpix2.browse.curate_models import AskedCurate, CuratePage, CurateQuestion, ReportPage
from medpix2.browse.curator import curator_of, keep_name, required_curator
from medpix2.browse.page import add_page
from medpix2.browse.problems import wants_json
from medpix2.browse.stored import Stored
from medpix2.browse.visitor import user_of
from medpix2.errors import DecidedMeanwhile, QueryError
from medpix2.records import Decision
from medpix2.store.database import Store

if TYPE_CHECKING:
    from medpix2.pipeline.deciding import Verdict
    from medpix2.pipeline.queue import Flags

LONGEST = 20_000  # characters of a corrected value
_Id = Annotated[str, Field(max_length=300)]


class DecisionForm(BaseModel):
    """What somebody decides on the page of curing."""

    model_config = ConfigDict(extra="forbid")

    target: _Id = Field(min_length=1, description="Id of the case or picture.")
    action: Literal["accept", "exclude", "correct", "merge", "undo"]
    stamp: str = Field(max_length=80, description="Stamp of what was shown.")
    evidence: str = Field(default="", max_length=80, description="Digest of what was shown.")
    rules: list[_Id] = Field(
        default=[], max_length=200, description="Rules whose findings were shown."
    )
    reason: str = Field(default="", max_length=2000, description="Why; to exclude needs one.")
    field: str = Field(default="", max_length=100, description="Published field to correct.")
    new: str = Field(
        default="", max_length=LONGEST, description="Its new value; empty takes it away."
    )
    accepts: bool = Field(default=False, description="Whether the corrected target is accepted.")
    into: _Id = Field(default="", description="Id of which the target is a duplicate.")
    flag: str = Field(default="", max_length=400, description="RULE:ID that was shown.")
    here: str = Field(default="", max_length=1000, description="Part of the queue that is shown.")
    csrf: str = Field(default="", max_length=200)

    def verdict(self, by: str) -> Verdict:
        """Return what is decided, by whom."""
        from medpix2.pipeline.deciding import Verdict

        new = self.new.replace("\r\n", "\n").strip()  # as forms send the ends of lines
        correct, merge = self.action == "correct", self.action == "merge"
        return Verdict(
            action=self.action,
            by=by,
            reason=self.reason.strip() or None,
            corrections={self.field: new or None} if correct else {},
            into=self.into.strip() if merge else None,
            saw=tuple(self.rules),
            accepts=correct and self.accepts,
        )


def _itself(request: Request) -> Request:
    return request


# A page function cannot take the request as such: `add_page` does.
_Asking = Annotated[Request, Depends(_itself)]


class Refused(BaseModel):
    """Why nothing was decided."""

    failed: str = Field(description="What failed, and on what.")
    todo: str = Field(description="What to do about it.")
    decisions: list[Decision] = Field(description="Decisions that came since it was shown.")


def curate_routes(made: Jinja2Templates) -> APIRouter:
    """Return the routes of curing."""
    router = APIRouter()

    def queue(store: Stored, question: AskedCurate, request: _Asking) -> CuratePage:
        """Show what rules found and nobody has settled, one by one."""
        return _page(store, question, request)

    def report(store: Stored) -> ReportPage:
        """Report what came in and went out at every step, and what every rule found."""
        from medpix2.browse.curate import report_page

        return report_page(store)

    add_page(router, made, "/curate", "curate.html", queue)
    add_page(router, made, "/curate/report", "curate_report.html", report)

    @router.post(
        "/curate/decide", dependencies=[Depends(require_csrf)], response_model=None,
        responses={
            200: {"model": list[Decision], "description": "What was appended, as JSON."},
            303: {"description": "To the next finding, where HTML is asked for."},
            409: {"model": Refused, "description": "It is not as it was shown any more."},
        },
    )  # fmt: skip
    def decide(store: Stored, form: Annotated[DecisionForm, Form()], request: Request) -> Response:
        """Decide on a case or picture, if it still is as it was shown; else the answer is 409."""
        return _decide(made, store, form, request)

    @router.post("/curate/name", dependencies=[Depends(require_csrf)], include_in_schema=False)
    def name(
        request: Request,
        name: Annotated[str, Form(max_length=100)] = "",
        here: Annotated[str, Form(max_length=1000)] = "",
    ) -> Response:
        answer = _to_queue(request, here)
        keep_name(request, answer, name)
        return answer

    return router


def _page(store: Store, question: CurateQuestion, request: Request) -> CuratePage:
    from medpix2.browse.curate import curate_page

    user = user_of(request)
    may = user is None or user.role == "curator"
    return curate_page(
        store, _flags(request), question, curator_of(request),
        logged_in=user is not None, may=may,
    )  # fmt: skip


def _flags(request: Request) -> Flags:
    from medpix2.pipeline.queue import Flags

    state = request.app.state
    if not hasattr(state, "flags"):
        state.flags = Flags()
    kept: Flags = state.flags
    return kept


def _decide(made: Jinja2Templates, store: Store, form: DecisionForm, request: Request) -> Response:
    from medpix2.pipeline.deciding import decide

    by = required_curator(request)
    evidence = {form.target: form.evidence} if form.evidence else None
    try:
        decisions = decide(
            store, [form.target], form.verdict(by),
            evidence=evidence, shown={form.target: form.stamp},
        )  # fmt: skip
    except (DecidedMeanwhile, QueryError) as error:
        return _refused(made, store, form, request, error)
    for decision in decisions:
        said = {"target": decision.target, "action": decision.action, "by": decision.by}
        audit(request, "decision", **said)
    if wants_json(request):
        return JSONResponse([decision.model_dump(mode="json") for decision in decisions])
    if form.action == "undo":
        return _to_queue(request, form.here, item=form.flag)
    return _to_queue(request, form.here, after=form.flag, done=form.target)


def _refused(
    made: Jinja2Templates,
    store: Store,
    form: DecisionForm,
    request: Request,
    error: DecidedMeanwhile | QueryError,
) -> Response:
    """Show what was decided on as it is now, and why nothing was stored."""
    since = error.decisions if isinstance(error, DecidedMeanwhile) else ()
    decisions = [row.model_dump(mode="json") for row in since if isinstance(row, Decision)]
    status = 409 if isinstance(error, DecidedMeanwhile) else 400
    if wants_json(request) or not form.flag:
        said = {"failed": error.failed, "todo": error.todo, "decisions": decisions}
        return JSONResponse(said, status_code=status)
    question = _question(form.here, item=form.flag, field=form.field)
    context: dict[str, Any] = {
        "page": _page(store, question, request), "refused": error, "since": decisions,
        "typed": form,
    }  # fmt: skip
    return made.TemplateResponse(request, "curate.html", context, status_code=status)


def _question(here: str, **more: Any) -> CurateQuestion:
    """Return the question that an address asks; what it cannot ask is left out."""
    given: dict[str, Any] = {}
    for name, value in parse_qsl(here):
        if name == "severity":
            given.setdefault(name, []).append(value)
        elif name in ("rule", "show"):
            given[name] = value
    try:
        return CurateQuestion(**given, **more)
    except ValidationError:
        return CurateQuestion(**more)


def _to_queue(request: Request, here: str, **more: str) -> Response:
    part = _question(here).model_dump(exclude_defaults=True)
    asked = urlencode({**part, **{k: v for k, v in more.items() if v}}, doseq=True)
    root = request.scope.get("root_path", "")
    return RedirectResponse(f"{root}/curate" + (f"?{asked}" if asked else ""), 303)

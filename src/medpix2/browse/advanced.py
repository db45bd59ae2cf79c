"""The advanced page: any field of a view, and filters in MongoDB's own language."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from medpix2.browse.search import Choice, Refusal
from medpix2.errors import QueryError
from medpix2.pipeline.advanced import (
    MAX_RAW,
    VIEWS,
    Answer,
    Condition,
    How,
    ask,
    fields_of_view,
)
from medpix2.store.asking import View
from medpix2.store.database import Store

ROWS = 3  # conditions that the form has room for at least
MOST_ROWS = 20
_Field = Annotated[str, Field(max_length=100)]
_Value = Annotated[str, Field(max_length=500)]
_HOW_TITLES: dict[How, str] = {
    "contains": "contains",
    "equals": "equals",
    "regex": "matches the regular expression",
    "exists": "has a value",
    "missing": "has no value",
}


class AdvancedQuestion(BaseModel):
    """What the advanced page asks: condition n has the n-th field, how and value."""

    model_config = ConfigDict(extra="forbid")

    view: View = Field(default="Clinical_Reports", description="The view that is asked.")
    field: list[_Field] = Field(default=[], max_length=MOST_ROWS, description="Published fields.")
    how: list[How] = Field(default=[], max_length=MOST_ROWS, description="How each is asked.")
    value: list[_Value] = Field(default=[], max_length=MOST_ROWS, description="Value of each.")
    raw: str = Field(default="", max_length=MAX_RAW, description="Filter of MongoDB, as JSON.")
    after: int = Field(default=-1, ge=-1, lt=1 << 40, description="The `next` of the page before.")
    limit: int = Field(default=20, ge=1, le=100, description="Documents on the page.")

    def conditions(self) -> list[Condition]:
        """Return the conditions; those without a field are left out.

        Raises
        ------
        QueryError
            There are not as many fields, hows and values.
        """
        if not len(self.field) == len(self.how) == len(self.value):
            raise QueryError(
                "The conditions are not whole", "give a field, a how and a value for each"
            )
        rows = zip(self.field, self.how, self.value, strict=True)
        return [Condition(field, how, value) for field, how, value in rows if field]

    def link(self, **changed: Any) -> str:
        """Return the address of the same question with some parameters changed."""
        asked = self.model_copy(update=changed).model_dump(exclude_defaults=True)
        return "?" + urlencode(asked, doseq=True)


class FieldName(BaseModel):
    """A field that can be asked for."""

    name: str
    description: str


class Row(BaseModel):
    """A condition as the form shows it."""

    field: str
    how: How
    value: str


class Document(BaseModel):
    """A document that was found."""

    id: str = Field(description="Id of the case or picture.")
    case: str = Field(description="Id of the case.")
    title: str = Field(description="Title or caption.")
    told: list[tuple[str, str]] = Field(description="The fields that were asked for.")
    document: dict[str, Any] = Field(description="The document as the view shows it.")


class AdvancedPage(BaseModel):
    """What a question to a view found."""

    question: AdvancedQuestion
    error: Refusal | None = Field(default=None, description="What is wrong with the question.")
    views: list[Choice]
    fields: list[FieldName] = Field(description="Fields of the view.")
    hows: list[tuple[How, str]] = Field(description="Ways to ask, and how they are called.")
    rows: list[Row] = Field(description="Conditions of the form.")
    total: int | None = Field(description="Documents that fit; null where counting takes long.")
    capped: bool = Field(description="Whether there are more than `total`.")
    documents: list[Document]
    first: str | None = Field(description="The first page, if that is another one.")
    next: str | None = Field(description="The page after.")


Asked = Annotated[AdvancedQuestion, Query()]


def advanced(store: Store, question: AdvancedQuestion) -> AdvancedPage:
    """Ask a view.

    Raises
    ------
    QueryError
        The question cannot be asked.
    """
    conditions = question.conditions()
    answer = ask(
        store, question.view, conditions, question.raw, after=question.after, limit=question.limit
    )
    return _page(question, answer, None)


def refused(error: QueryError, question: AdvancedQuestion) -> AdvancedPage:
    """Return the page of a question that cannot be asked, so that it can be mended."""
    return _page(question, Answer([], None, False, None), error)


def _page(question: AdvancedQuestion, answer: Answer, error: QueryError | None) -> AdvancedPage:
    given = [
        Row(field=field, how=how, value=value)
        for field, how, value in zip(question.field, question.how, question.value, strict=False)
        if field
    ]
    blank = Row(field="", how="contains", value="")
    asked_for = list(dict.fromkeys(row.field for row in given))
    fields = fields_of_view(question.view)
    return AdvancedPage(
        question=question,
        error=Refusal(failed=error.failed, todo=error.todo) if error else None,
        views=[
            Choice(title=view, link=f"?view={view}", chosen=view == question.view) for view in VIEWS
        ],
        fields=[FieldName(name=name, description=said) for name, said in fields.items()],
        hows=list(_HOW_TITLES.items()),
        rows=[*given, *[blank] * max(ROWS - len(given), 1)][:MOST_ROWS],
        total=answer.total,
        capped=answer.capped,
        documents=[_document(document, asked_for) for document in answer.documents],
        first=question.link(after=-1) if question.after >= 0 else None,
        next=None if answer.next is None else question.link(after=answer.next),
    )


def _document(document: dict[str, Any], asked_for: list[str]) -> Document:
    case, image = str(document.get("U_id")), document.get("image")
    report, said = document.get("Case") or {}, document.get("Description") or {}
    title = (said.get("Caption") if image else None) or report.get("Title") or image or case
    told = [(field, _text_at(document, field)) for field in asked_for]
    return Document(
        id=str(image or case), case=case, title=str(title), told=told, document=document
    )


def _text_at(document: dict[str, Any], field: str) -> str:
    value: Any = document
    for part in field.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)

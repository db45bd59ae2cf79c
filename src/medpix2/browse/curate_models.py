"""What the pages of curing ask and show, as models; light to import."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from medpix2.records import Severity

_SEVERITIES: list[Severity] = ["exclude", "review"]
_Flag = Annotated[str, Field(max_length=400)]


class CurateQuestion(BaseModel):
    """Which part of the queue is shown, and where in it."""

    model_config = ConfigDict(extra="forbid")

    rule: str = Field(default="", max_length=100, description="Name of one rule; else all.")
    severity: list[Severity] = Field(
        default=_SEVERITIES, max_length=3, description="Severities, where no rule is named."
    )
    show: Literal["open", "decided", "all"] = Field(
        default="open", description="Open ones, those that are settled, or both."
    )
    item: _Flag = Field(default="", description="RULE:ID of what is shown; else the first.")
    after: _Flag = Field(default="", description="RULE:ID after which the next one is shown.")
    done: str = Field(default="", max_length=300, description="Id of what was just decided.")
    field: str = Field(default="", max_length=100, description="Published field to correct.")


AskedCurate = Annotated[CurateQuestion, Query()]


class RuleCount(BaseModel):
    """A rule of the queue."""

    rule: str
    severity: str
    why: str = Field(description="Why it matters.")
    hits: int = Field(description="Cases and pictures that it flagged.")
    open: int = Field(description="Those that nobody has settled.")
    chosen: bool = Field(description="Whether the page shows this rule alone.")
    link: str = Field(description="The queue of this rule alone.")


class Marked(BaseModel):
    """A box over a picture, in its pixels."""

    left: int
    top: int
    width: int
    height: int
    what: str = Field(description="found (by the rule), watermark, footer or lettering.")


class Side(BaseModel):
    """A case or picture that is decided on, or what it is compared with."""

    id: str
    kind: Literal["case", "image"]
    case: str = Field(description="Id of the case.")
    title: str | None = Field(description="Title of the case.")
    status: str
    reason: str | None = Field(description="Why it has this status.")
    picture: str | None = Field(description="Id of the picture that is shown.")
    caption: str | None = Field(description="Caption of the picture.")
    address: str | None = Field(description="Address of the picture, without the root path.")
    width: int | None
    height: int | None
    trouble: str | None = Field(description="What is wrong with its file.")
    boxes: list[Marked]


class Found(BaseModel):
    """What a rule found, with its evidence."""

    rule: str
    severity: str
    message: str
    field: str | None
    settled: bool = Field(description="Whether somebody has settled it.")
    facts: list[tuple[str, str]] = Field(description="The evidence, for people.")


class Value(BaseModel):
    """A published field of what is decided on, and of what it is compared with."""

    field: str = Field(description="Published field, with dots.")
    value: str | None = Field(description="Value now.")
    source: str | None = Field(description="Value that the source gives.")
    corrected: bool = Field(description="Whether the value is a corrected one.")
    named: bool = Field(description="Whether a rule found something in it.")
    other: str | None = Field(description="Value of what it is compared with.")
    differs: bool = Field(description="Whether that is another one.")


class Made(BaseModel):
    """A decision."""

    target: str
    action: str
    by: str
    at: str
    reason: str | None
    field: str | None
    new: str | None
    into: str | None


class Item(BaseModel):
    """What is decided on."""

    flag: str = Field(description="RULE:ID.")
    rule: str = Field(description="Rule for which it is shown.")
    settled: bool = Field(description="Whether what that rule found is settled.")
    side: Side
    other: Side | None = Field(description="What it is compared with, if the rule names one.")
    swap: str | None = Field(description="RULE:ID of the other, if it is flagged as well.")
    findings: list[Found] = Field(description="All that rules found on it.")
    values: list[Value] = Field(description="Its published fields.")
    context: list[Value] = Field(description="Of a picture: the report of its case.")
    fields: list[str] = Field(description="Published fields that can be corrected.")
    proposed: str = Field(description="Value now of the field that is proposed.")
    mask: str | None = Field(
        description="Boxes that are masked in exports, as JSON; null where there is no picture."
    )
    drawn: bool = Field(description="Whether somebody has drawn these.")
    correcting: str = Field(description="Field that the form proposes to correct.")
    decisions: list[Made] = Field(description="Decisions on it, oldest first.")
    standing: int = Field(description="How many of the last decisions no undo has taken back.")
    rules: list[str] = Field(description="Rules whose findings are shown: these are settled.")
    evidence: str = Field(description="Digest of the document and picture that are shown.")
    stamp: str = Field(description="Tells whether anything of this has changed; goes back.")


class CuratePage(BaseModel):
    """A place in the queue."""

    question: CurateQuestion
    curator: str | None = Field(description="Under which name is decided; null if not known.")
    logged_in: bool = Field(description="Whether that is the name of a log-in.")
    may: bool = Field(description="Whether whoever asks may decide.")
    rules: list[RuleCount]
    open: int = Field(description="Findings of this part of the queue that nobody has settled.")
    total: int = Field(description="Findings of this part of the queue.")
    item: Item | None
    place: int = Field(description="Place of the item among those that are shown, from 1.")
    shown: int = Field(description="Number of those that are shown, settled or not, as asked.")
    previous: str | None = Field(description="The page before.")
    next: str | None = Field(description="The page after.")
    here: str = Field(description="This part of the queue, as the parameters of an address.")
    done: list[Made] = Field(description="What stands on what was just decided.")
    done_stamp: str | None = Field(description="Its stamp, to undo it.")


class ReportPage(BaseModel):
    """The report of curing."""

    steps: list[dict[str, Any]] = Field(description="Counts in and out, step by step.")
    rules: dict[str, dict[str, Any]] = Field(description="Rule to what it found.")
    dropped: int = Field(description="Documents of the source without a usable id.")
    decisions: dict[str, int] = Field(description="Action to the number of decisions.")

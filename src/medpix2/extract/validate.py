"""Check one published document: what is wrong with it, and what of it can be stored."""

from __future__ import annotations

import json
import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import bson
from pydantic import BaseModel, ValidationError

from medpix2.records import Case, Finding, Image, Problem

# Ids become file names and parts of addresses: nothing else may stand in them.
ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


MAX_TEXT = 2 << 20  # characters of one document; MongoDB takes 16 MiB, and twice with `raw`
MAX_FAULTS = 100  # faults of one document that are reported one by one


def plain(text: str, longest: int = 200) -> str:
    """Return text from a source in a form fit to be shown and stored: escaped and not too long.

    Line ends, control characters and what is no valid Unicode become escapes.

    >>> plain("MPX1\\x1b[31m")
    'MPX1\\\\x1b[31m'
    """
    if not text.isprintable():
        text = "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
    return text if len(text) <= longest else text[: longest - 3] + "..."


@dataclass(frozen=True)
class Checked:
    """A document after its check.

    `document` is what can be stored (None where not even the id can be used): the raw document
    less its broken fields. `raw` keeps the whole of a broken document as JSON text. What a source
    knows beside the document: `source` (fields of `records.Provenance`), `keywords` of a case one
    by one (None: to be parted from the joined ones), and `findings` on it.
    """

    document: dict[str, Any] | None
    problems: tuple[Problem, ...] = ()
    raw: str | None = None
    source: Mapping[str, Any] = field(default_factory=dict)
    keywords: tuple[str, ...] | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that exclude the document."""
        return tuple(problem for problem in self.problems if problem.severity == "error")


def check_case(raw: Any, file: str, index: int) -> Checked:
    """Check a document of `Case_topic.json`."""
    return _check(raw, Case, "U_id", ("U_id",), file, index)


def check_image(raw: Any, file: str, index: int, cases: Container[str] = ()) -> Checked:
    """Check a document of `Descriptions.json`; it cannot be stored if a case has its id."""
    checked = _check(raw, Image, "image", ("image", "U_id"), file, index)
    name = checked.document["image"] if checked.document else None
    if name is None or name not in cases:
        return checked
    problem = Problem(
        kind="same-id", severity="error", file=file, index=index, id=name, field="image",
        message="has the id of a case",
    )  # fmt: skip
    raw = checked.raw or _as_text(checked.document)
    return Checked(None, (*checked.problems, problem), raw)


def _check(
    raw: Any, model: type[BaseModel], id_key: str, ids: tuple[str, ...], file: str, index: int
) -> Checked:
    if _plainly_sound(raw, model, ids):
        return Checked(raw)

    def problem(kind: str, message: str, field: str | None = None, error: bool = True) -> Problem:
        return Problem(
            kind=kind,
            severity="error" if error else "warning",
            file=file,
            index=index,
            id=plain(name) if name else None,
            field=plain(field) if field is not None else None,
            message=message,
        )

    name = raw.get(id_key) if isinstance(raw, dict) else None
    name = name if isinstance(name, str) else None
    if not isinstance(raw, dict):
        return Checked(None, (problem("invalid-field", "is not a JSON object"),), _as_text(raw))
    for key in ids:
        if not isinstance(raw.get(key), str) or not ID.fullmatch(raw[key]):
            message = f"is no id that can be used: {_shown(raw.get(key))}"
            return Checked(None, (problem("invalid-id", message, key),), _as_text(raw))
    if _length(raw) > MAX_TEXT:
        message = f"is longer than {MAX_TEXT} characters"
        return Checked(None, (problem("too-large", message),), _as_text(raw))
    document, unknown = _without_unknown(raw, model)
    problems: list[Problem] = []
    if faults := _faults(document, model):
        document = _copied(document)
        for path, message in faults:
            _remove(document, path)
            if len(problems) < MAX_FAULTS:
                problems.append(problem("invalid-field", message, ".".join(path)))
        if (more := len(faults) - len(problems)) > 0:
            problems.append(problem("invalid-field", f"has {more} more faults"))
    problems += [problem("unknown-field", "is not a known field", key, False) for key in unknown]
    return Checked(document, tuple(problems), _as_text(raw)) if problems else Checked(raw)


def _plainly_sound(raw: Any, model: type[BaseModel], ids: tuple[str, ...]) -> bool:
    """Tell quickly of nearly every document that nothing is wrong with it."""
    try:
        model.__pydantic_validator__.validate_python(raw)
        size = len(bson.encode(raw))  # refuses half surrogate pairs
    except (ValueError, TypeError, OverflowError, RecursionError, bson.errors.BSONError):
        return False
    usable = all(ID.fullmatch(raw[key]) for key in ids)
    return usable and size <= MAX_TEXT and not _without_unknown(raw, model)[1]


def _faults(document: dict[str, Any], model: type[BaseModel]) -> list[tuple[list[str], str]]:
    """Return (path, what is wrong there) of all that keeps a document from being the record."""
    found = []
    try:
        model.model_validate(document)
    except ValidationError as error:
        for fault in error.errors(include_url=False, include_context=False):
            message = f"{fault['msg'].lower()}, not {_shown(fault['input'])}"
            if fault["type"] == "missing":
                message = "is missing"
            found.append(([str(part) for part in fault["loc"]], message))
    # JSON can write half of a surrogate pair, which neither files nor the database take.
    found += [(path, "is no valid Unicode text") for path in _no_text(document, [])]
    return found


def _no_text(value: Any, path: list[str]) -> Iterator[list[str]]:
    if isinstance(value, str) and not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            yield path
    elif isinstance(value, dict) and len(path) < 2:
        for key, inner in value.items():
            yield from _no_text(inner, [*path, key])
    elif isinstance(value, list) and len(path) < 2:
        for at, inner in enumerate(value):
            yield from _no_text(inner, [*path, str(at)])


def _length(value: Any) -> int:
    """Return how many characters of text a value has in it."""
    length, waiting = 0, [value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            length += len(value)
        elif isinstance(value, dict):
            length += len(value)
            waiting += [*value.keys(), *value.values()]
        elif isinstance(value, list):
            length += len(value)
            waiting += value
    return length


@lru_cache(maxsize=16)
def _keys(model: type[BaseModel]) -> Mapping[str, type[BaseModel] | None]:
    """Return the published keys of a model, each with the model of its value if it is an object."""
    found: dict[str, type[BaseModel] | None] = {}
    for name, known in model.model_fields.items():
        inner: Any = known.annotation
        is_model = isinstance(inner, type) and issubclass(inner, BaseModel)
        found[known.alias or name] = inner if is_model else None
    return found


def _without_unknown(
    document: dict[str, Any], model: type[BaseModel]
) -> tuple[dict[str, Any], list[str]]:
    """Return the document with the known keys alone, and the paths of the others."""
    keys = _keys(model)
    unknown = [key for key in document if key not in keys]
    kept = {key: value for key, value in document.items() if key in keys} if unknown else document
    for key, inner in keys.items():
        if inner is not None and isinstance(kept.get(key), dict):
            part, deeper = _without_unknown(kept[key], inner)
            if deeper:
                kept = {**kept, key: part}
                unknown += [f"{key}.{path}" for path in deeper]
    return kept, unknown


def _copied(raw: dict[str, Any]) -> dict[str, Any]:
    return {key: dict(value) if isinstance(value, dict) else value for key, value in raw.items()}


def _remove(document: dict[str, Any], path: list[str]) -> None:
    """Remove a broken field; a broken element of a list takes its list with it."""
    if len(path) > 1 and isinstance(document.get(path[0]), dict):
        document[path[0]].pop(path[1], None)
    else:
        document.pop(path[0], None)


def _shown(value: Any) -> str:
    text = _as_text(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _as_text(value: Any) -> str:
    """Return a value as JSON in ASCII, cut where it is too long to be kept."""
    try:
        text = json.dumps(value, ensure_ascii=True)
    except RecursionError:
        return "(nested too deeply to be kept)"
    return text if len(text) <= 2 * MAX_TEXT else text[: 2 * MAX_TEXT] + "..."

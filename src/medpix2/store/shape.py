"""The shape of the database as data: collections, validators, indexes, views. Safe to ensure again.

cases, images     what the source says: published fields on top; `source`, `normalized`, `file`,
                  `problems` and `digest` beside them
findings          results of rules
decisions         what people decided; append-only
dropped           documents of a source that have no usable id, as text, with the reason
current           made by the fold: published documents with current values, the rest in `meta`;
                  can be dropped and made anew
facets            bitmaps over the ordinals of `current`, see `store.facets`; made with it
words             postings of the texts of `current`, see `store.words`; made with it
releases          releases that were made of it: manifest's hash, counts, when
withdrawn         tombstones of what was withdrawn, so that nothing brings it back
examined          what was found of picture files, so that unchanged ones are not read again
looked            what looks saw in pictures, by SHA-256: {looks: {name: {version, value | error}}}
judged            on what rules judged each case last: {inputs: digest, rules: {name: version}}
users, sessions   who may log in to the web application, and who has; see `store.accounts`
state             schema version, ordinals, who writes, whether a build is pending, what the whole
                  collection was judged on
"""

from __future__ import annotations

import threading
import types
import typing
from contextlib import suppress
from typing import Any

from pydantic import BaseModel
from pymongo import ASCENDING, TEXT, IndexModel
from pymongo.database import Database
from pymongo.errors import OperationFailure, PyMongoError

from medpix2.records import Case, Decision, Finding, Image, Provenance

SCHEMA = 3  # version of this shape; `store.migrate` brings older ones here

NAMESPACE_EXISTS = 48  # MongoDB's code of this error

SHOWN = ("accepted", "pending")  # statuses that views, find and exports show unless asked

# Weight of each text in the relevance of a full-text search.
TEXT_WEIGHTS: dict[str, int] = {
    "Case.Title": 10,
    "Case.Case Diagnosis": 10,
    "Topic.Title": 8,
    "Topic.Keywords": 6,
    "Description.Caption": 6,
    "Case.Findings": 5,
    "Case.Differential Diagnosis": 3,
    "Case.History": 3,
    "Case.Exam": 2,
    "Case.Discussion": 2,
    "Case.Diagnosis By": 1,
    "Case.Treatment & Follow Up": 1,
    "Topic.Category": 1,
    "Topic.Disease Discussion": 1,
}
TEXT_INDEX = IndexModel(
    [(path, TEXT) for path in TEXT_WEIGHTS],
    name="texts",
    weights=TEXT_WEIGHTS,
    default_language="english",
    language_override="no_such_field",  # a source's own `language` key must not change the stemmer
)

INDEXES: dict[str, list[IndexModel]] = {
    "cases": [
        IndexModel("U_id", unique=True),
        IndexModel([("source.origin", ASCENDING), ("_id", ASCENDING)]),
    ],
    "images": [
        IndexModel("image", unique=True),
        IndexModel("U_id"),
        IndexModel([("source.origin", ASCENDING), ("_id", ASCENDING)]),
    ],
    "findings": [IndexModel("case"), IndexModel("rule"), IndexModel("target")],
    "decisions": [
        IndexModel("case"),
        IndexModel("target"),
        IndexModel([("at", ASCENDING), ("_id", ASCENDING)]),
    ],
    "current": [
        IndexModel([("meta.kind", ASCENDING), ("meta.n", ASCENDING)], unique=True),
        IndexModel("U_id"),
        TEXT_INDEX,
    ],
    "facets": [IndexModel("field")],
    "words": [],
    "dropped": [],
    "examined": [],
    "releases": [],
    "withdrawn": [],
    "looked": [],
    "judged": [],
    "users": [],
    "sessions": [],
    "state": [],
}


def _view(kind: str, *more: dict[str, Any]) -> list[dict[str, Any]]:
    shown = {"meta.kind": kind, "meta.status": {"$in": list(SHOWN)}}
    return [{"$match": shown}, {"$unset": "meta"}, *more]


VIEWS: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "Clinical_Reports": ("current", _view("case")),
    "Image_Descriptions": ("current", _view("image")),
    "Image_Reports": (
        "current",
        _view(
            "image",
            {
                "$lookup": {
                    "from": "current",
                    "localField": "U_id",
                    "foreignField": "_id",
                    "as": "Case",
                }
            },
            {"$set": {"Topic": {"$first": "$Case.Topic"}, "Case": {"$first": "$Case.Case"}}},
        ),
    ),
}


def bson_schema(model: type[BaseModel]) -> dict[str, Any]:
    """Return the `$jsonSchema` of a published record: every known field typed, none required.

    Other fields are allowed, for `source`, `normalized` and the like stand beside them; that a
    field is missing is for the build to report, not for the database to refuse.
    """
    properties = {
        field.alias or name: _bson_type(field.annotation)
        for name, field in model.model_fields.items()
    }
    return {"bsonType": "object", "properties": properties}


def _bson_type(annotation: Any) -> dict[str, Any]:
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return bson_schema(annotation)
    if origin is typing.Literal:
        return {"enum": list(arguments)}
    if origin is dict:
        return {"bsonType": "object"}
    if origin in (list, tuple):
        return {"bsonType": "array", "items": _bson_type(arguments[0])}
    if origin in (types.UnionType, typing.Union):
        kinds = [_bson_type(argument) for argument in arguments if argument is not type(None)]
        if len(kinds) == 1 and "bsonType" in kinds[0]:
            return {**kinds[0], "bsonType": [kinds[0]["bsonType"], "null"]}
        return {"anyOf": [*kinds, {"bsonType": "null"}]}
    names = {str: "string", int: ["int", "long"], float: ["double", "int"], bool: "bool"}
    return {"bsonType": names[annotation]}


def _validator(model: type[BaseModel], id_key: str) -> dict[str, Any]:
    schema = bson_schema(model)
    schema["required"] = ["_id", id_key, "source", "digest"]
    schema["properties"]["source"] = {**bson_schema(Provenance), "required": ["site", "name"]}
    return {"$jsonSchema": schema, "$expr": {"$eq": ["$_id", f"${id_key}"]}}


def _record_validator(model: type[BaseModel]) -> dict[str, Any]:
    schema = bson_schema(model)
    required = [name for name, field in model.model_fields.items() if field.is_required()]
    schema["required"] = ["case", *required]  # the case, by which the fold finds it
    return {"$jsonSchema": schema}


VALIDATORS: dict[str, dict[str, Any]] = {
    "cases": _validator(Case, "U_id"),
    "images": _validator(Image, "image"),
    "findings": _record_validator(Finding),
    "decisions": _record_validator(Decision),
}


def ensure_shape(db: Database[dict[str, Any]], *, texts: bool = True) -> None:
    """Create or mend collections, validators, indexes and views.

    Parameters
    ----------
    db
        The database.
    texts
        False leaves the text index out for now: a first load makes it at its end, four times
        faster than keeping it while documents stream in.
    """
    there = {info["name"]: info for info in db.list_collections()}
    for name, indexes in INDEXES.items():
        validator = VALIDATORS.get(name, {})
        if name not in there:
            _create(db, name, validator=validator)
        elif there[name]["options"].get("validator", {}) != validator:
            db.command("collMod", name, validator=validator)
        wanted = [index for index in indexes if texts or index is not TEXT_INDEX]
        if wanted:
            db[name].create_indexes(wanted)
    for name, (on, pipeline) in VIEWS.items():
        if name not in there:
            _create(db, name, viewOn=on, pipeline=pipeline)
        elif there[name]["options"].get("pipeline") != pipeline:
            db.command("collMod", name, viewOn=on, pipeline=pipeline)


def begin_text_index(db: Database[dict[str, Any]]) -> None:
    """Let the server begin the text index of `current`; `ensure_shape` waits until it is made."""
    # Whoever is interrupted must not wait for it, hence a daemon; and what fails here meets
    # `ensure_shape` again, which asks for the same index.
    threading.Thread(target=_ask_for_text_index, args=(db,), daemon=True).start()


def _ask_for_text_index(db: Database[dict[str, Any]]) -> None:
    with suppress(PyMongoError):
        db["current"].create_indexes([TEXT_INDEX])


def _create(db: Database[dict[str, Any]], name: str, **options: Any) -> None:
    """Create a collection or view, unless another command has just done so."""
    try:
        db.create_collection(name, check_exists=False, **options)
    except OperationFailure as error:
        if error.code != NAMESPACE_EXISTS:
            raise

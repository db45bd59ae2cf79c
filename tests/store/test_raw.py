from __future__ import annotations

import pytest

from medpix2.errors import QueryError
from medpix2.store.raw import DEPTH, MOST, PATTERN, checked, clauses, fields_of


def nested(depth):
    made = {"a": 1}
    for _ in range(depth):
        made = {"$and": [made]}
    return made


@pytest.mark.parametrize(
    "allowed",
    [
        {}, {"U_id": "MPX1"}, {"Case.Title": {"$regex": "x", "$options": "i"}},
        {"$or": [{"a": 1}, {"b": {"$in": [1, 2.5, None, True]}}]},
        {"TAC": {"$elemMatch": {"$regex": "1$"}}}, {"a": {"$not": {"$gt": 3}}},
        {"Case": {"Title": "x"}},
    ],
)  # fmt: skip
def test_reading_is_allowed(allowed):
    assert checked(allowed) == allowed


@pytest.mark.parametrize(
    ("forbidden", "said"),
    [
        ({"$where": "sleep(1000)"}, r"\$where is not allowed"),
        ({"a": {"$where": "1"}}, r"\$where is not allowed"),
        ({"$or": [{"a": 1}, {"$expr": {"$function": {}}}]}, r"\$expr is not allowed"),
        ({"a": {"$not": {"$function": {}}}}, r"\$function is not allowed"),
        ({"a": {"$elemMatch": {"$accumulator": {}}}}, r"\$accumulator is not allowed"),
        ({"$text": {"$search": "x"}}, r"\$text is not allowed"),
        ({"$jsonSchema": {}}, r"\$jsonSchema is not allowed"),
        ({"$comment": "x"}, r"\$comment is not allowed"),
        ({"$gt": 1}, "without a field"), ({"$or": {}}, "needs a list"), ({"$and": []}, "needs"),
        ({"$or": [1]}, "needs a list"), ([], "no JSON object"), ("x", "no JSON object"),
        ({"meta.status": "excluded"}, "no field 'meta'"), ({"$or": [{"meta": 1}]}, "no field"),
        ({"a": 1 << 63}, "too large"), ({"a": "\0"}, "character"), ({"a": "\ud800"}, "character"),
        ({"a\0": 1}, "character"), ({"a": {"$regex": 5}}, "must be a text"),
        ({"a": {"$regex": "x" * (PATTERN + 1)}}, "at most"), (nested(DEPTH), "deep"),
        ({"a": {"$in": [1] * MOST}}, "parts"),
    ],
)  # fmt: skip
def test_all_else_is_refused_with_the_reason(forbidden, said):
    with pytest.raises(QueryError, match=said):
        checked(forbidden)


def test_filters_part_into_clauses_with_their_fields():
    asked = {"a.b": 1, "$and": [{"c": 2, "$and": [{"d": 3}]}, {"$or": [{"e.f": 1}, {"g": 2}]}]}
    assert clauses(asked) == [{"a.b": 1}, {"c": 2}, {"d": 3}, {"$or": [{"e.f": 1}, {"g": 2}]}]
    assert [fields_of(clause) for clause in clauses(asked)] == [{"a"}, {"c"}, {"d"}, {"e", "g"}]

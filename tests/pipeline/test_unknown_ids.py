from __future__ import annotations

from medpix2.pipeline.unknown_ids import not_found


def test_near_ids_are_named_whatever_their_case(phantom_store):
    error = not_found(phantom_store, "mpx9000")
    assert error.failed.startswith("No case or picture 'mpx9000' in database '")
    assert "did you mean MPX90" in error.todo


def test_where_none_is_near_a_list_is_named(phantom_store):
    error = not_found(phantom_store, "x", " or a snapshot")
    assert error.failed.endswith("' or a snapshot")
    assert error.todo == "list them with `medpix2 find`"

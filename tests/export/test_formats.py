import pytest

from medpix2.errors import QueryError
from medpix2.export.formats import FORMATS, format_named


def test_a_format_is_found_by_its_name():
    for name, found in FORMATS.items():
        assert format_named(name) is found and found.name == name and found.what.endswith(".")


@pytest.mark.parametrize(("name", "near"), [("parqet", "'parquet'"), ("CSV", "'csv'")])
def test_a_near_name_is_proposed(name, near):
    with pytest.raises(QueryError, match=f"There is no format {name!r}: did you mean {near}"):
        format_named(name)


def test_a_far_name_is_answered_with_all():
    with pytest.raises(QueryError, match="there are medpix2, "):
        format_named("zzz")

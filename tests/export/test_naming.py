from __future__ import annotations

import pytest

from medpix2.errors import QueryError
from medpix2.export.naming import one_of


def test_a_name_that_is_there_is_taken():
    one_of("format", "csv", ["csv", "hf"])


def test_another_is_refused_with_the_nearest_and_all():
    with pytest.raises(QueryError) as refused:
        one_of("format", "PARQET", iter(["csv", "parquet"]))
    assert refused.value.failed == "There is no format 'PARQET'"
    assert refused.value.todo == "did you mean 'parquet'? there are csv, parquet"
    with pytest.raises(QueryError) as refused:
        one_of("field", "zzz", ["age", "sex"])
    assert refused.value.todo == "there are age, sex"

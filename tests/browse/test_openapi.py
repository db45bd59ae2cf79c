"""The answers are as the OpenAPI description says, whatever is asked (schemathesis)."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance,
    response_schema_conformance,
]  # fmt: skip
EXAMPLES = 8  # of each path


@pytest.fixture(scope="session")
def described(client):
    return schemathesis.openapi.from_asgi(
        "/openapi.json", client.app, headers={"Host": "localhost"}
    )


schema = schemathesis.pytest.from_fixture("described")


@schema.parametrize()
@settings(
    max_examples=EXAMPLES, derandomize=True, deadline=None, database=None,
    phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck),
)  # fmt: skip
def test_every_answer_is_as_described(case):
    answer = case.call(base_url="http://localhost", headers={"Accept": "application/json"})
    case.validate_response(answer, checks=CHECKS)


def test_every_path_tells_what_it_gives_and_what_may_go_wrong(client):
    for path, ways in client.get("/openapi.json").json()["paths"].items():
        for way in ways.values():
            assert way["description"], path
            problem = way["responses"]["503"]["content"]["application/json"]["schema"]
            assert problem == {"$ref": "#/components/schemas/Problem"}, path
            assert {"200", "401", "404", "422", "429"} <= set(way["responses"]), path
            for parameter in way.get("parameters", ()):
                assert parameter["name"] == "name" or parameter["description"], path

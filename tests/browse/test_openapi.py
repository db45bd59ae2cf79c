"""The answers are as the OpenAPI description says, whatever is asked (schemathesis)."""

from __future__ import annotations

from contextlib import nullcontext, suppress

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable

ASKED = 6  # random requests to each path
IN_EARNEST = settings(
    max_examples=ASKED, derandomize=True, deadline=None, database=None,
    phases=[Phase.generate], suppress_health_check=list(HealthCheck),
)  # fmt: skip


@pytest.mark.filterwarnings("ignore")  # of a library's own
def test_every_answer_is_as_described(client):
    import schemathesis
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi.checks import (
        content_type_conformance,
        response_schema_conformance,
        status_code_conformance,
    )

    checks = [
        not_a_server_error, status_code_conformance, content_type_conformance,
        response_schema_conformance,
    ]  # fmt: skip
    host = {"Host": "localhost"}
    described = schemathesis.openapi.from_asgi("/openapi.json", client.app, headers=host)
    seen = set()
    for found in described.get_all_operations():
        operation = found.ok()
        for mode in schemathesis.GenerationMode:

            @IN_EARNEST
            @given(case=operation.as_strategy(generation_mode=mode))
            def ask(case):
                answer = case.call(headers={"Host": "localhost", "Accept": "application/json"})
                case.validate_response(answer, checks=checks)
                seen.add((case.path, answer.status_code))

            wrong = mode is schemathesis.GenerationMode.NEGATIVE
            # Some paths have no parameter that could be wrong.
            with suppress(Unsatisfiable) if wrong else nullcontext():
                ask()
    paths = set(client.get("/openapi.json").json()["paths"])
    assert {path for path, _ in seen} == paths
    assert {200, 404, 422} <= {status for _, status in seen}


def test_every_path_tells_what_it_gives_and_what_may_go_wrong(client):
    for path, ways in client.get("/openapi.json").json()["paths"].items():
        for way in ways.values():
            assert way["description"], path
            problem = way["responses"]["503"]["content"]["application/json"]["schema"]
            assert problem == {"$ref": "#/components/schemas/Problem"}, path
            assert {"200", "401", "404", "422", "429"} <= set(way["responses"]), path
            for parameter in way.get("parameters", ()):
                known = parameter["name"] in ("name", "sha256")
                assert known or "description" in parameter, (path, parameter["name"])

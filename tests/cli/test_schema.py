from __future__ import annotations

import json

import pytest


@pytest.mark.parametrize(("name", "file"), [("case", "Case_topic"), ("image", "Descriptions")])
def test_the_schema_describes_every_published_key(medpix2, phantom_folder, name, file):
    schema = medpix2.json("schema", name)
    document = json.loads((phantom_folder / f"{file}.json").read_text())[0]
    assert set(document) <= set(schema["properties"])
    for properties in (schema["properties"], *(d["properties"] for d in schema["$defs"].values())):
        for field in properties.values():
            assert field.get("description") or "$ref" in field

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import medpix2
from medpix2.errors import NotFound, QueryError, ReleaseError, StoreError
from medpix2.pipeline.build import build
from medpix2.pipeline.find import find
from medpix2.pipeline.releasing import make_release
from medpix2.store.facets import Filters

PAGE = Path(__file__).parents[2] / "docs" / "python.md"


@pytest.fixture
def where(phantom_store):
    """Return the environment in which the phantom is the usual database."""
    settings = phantom_store.settings
    return {
        "MEDPIX2_HOME": str(settings.home), "MEDPIX2_MONGO_URL": settings.mongo_url,
        "MEDPIX2_DATABASE": settings.database,
    }  # fmt: skip


@pytest.fixture
def data(where, monkeypatch):
    """Open the phantom as a user does."""
    for name, value in where.items():
        monkeypatch.setenv(name, value)
    with medpix2.open() as opened:
        yield opened


def test_all_cases_and_pictures_that_are_shown_come_in_the_order_of_ids(data, phantom_store):
    found = find(phantom_store, limit=10_000)
    cases = list(data.cases())
    assert [case.id for case in cases] == sorted(match.case["_id"] for match in found.matches)
    with_file = [i for match in found.matches for i in match.images if i["meta"]["file"]]
    assert {image.id for image in data.images()} == {image["_id"] for image in with_file}
    assert cases[0]["case_id"] == cases[0].id == cases[0].document["U_id"]


@pytest.mark.parametrize(
    ("text", "age", "filters"),
    [
        ("", None, {"modality": "mr"}),
        ("mass", None, {}),
        ("", (20, 50), {"split": ["train", "dev"], "plane": "Axial"}),
        ("", None, {"sequence": None}),
        ("", (None, 40), {"sex": "female"}),
    ],
)
def test_it_finds_what_find_finds(data, phantom_store, text, age, filters):
    given = {n: [v] if v is None or isinstance(v, str) else v for n, v in filters.items()}
    found = find(phantom_store, text, Filters(given, age), limit=10_000)
    assert {case.id for case in data.find(text, age=age, **filters).cases()} == {
        match.case["_id"] for match in found.matches
    }


def test_a_case_is_found_by_its_id_or_that_of_a_picture(data):
    image = next(data.images())
    assert data.case(image.case_id).id == data.case(image.id).id == image.case_id
    with pytest.raises(NotFound, match="No case or picture 'MPX0'"):
        data.case("MPX0")


@pytest.mark.parametrize(
    ("filters", "said"),
    [
        ({"modalty": "CT"}, "Unknown facet 'modalty': use one of modality"),
        ({"modality": "XR"}, "No picture has the modality 'XR'"),
    ],
)
def test_a_filter_that_cannot_be_is_named(data, filters, said):
    with pytest.raises(QueryError, match=said):
        data.find(**filters)


def test_what_is_selected_says_so(data):
    assert repr(data.find("mass", modality="CT", age=(1, 9))).endswith(
        "'mass' modality='CT' age=(1, 9)>"
    )


def test_an_empty_home_is_refused(fresh_home):
    with pytest.raises(StoreError, match="fill it with `medpix2 build SOURCE`"):
        medpix2.open(fresh_home.mongo_url, database=fresh_home.database)


def test_an_url_is_opened_and_a_release_stays_as_it_was(source, fresh_home, monkeypatch):
    source.pictures["MPX3_ct0"] = b"no picture"
    build(fresh_home, source.write())
    make_release(fresh_home, "2026.1", pending=True)
    monkeypatch.setenv("MEDPIX2_HOME", str(fresh_home.home))
    with medpix2.open(fresh_home.mongo_url, database=fresh_home.database) as data:
        everything = {image.id for image in data.find(status="any").images()}
        assert everything >= {image.id for image in data.images()}
        assert {case.id for case in data.find(split="dev").cases()} == {"MPX3"}
        release = data.release("2026.1")
        assert [case.id for case in release.cases()] == [case.id for case in data.cases()]
        assert next(release.images()).pil().size == next(data.images()).pil().size
        chosen = data.release("2026.1", modality="MR", split=["train"])
        assert {case.id for case in chosen.cases()} == {"MPX1", "MPX2"}
        assert repr(chosen) == "<Selection release 2026.1 modality='MR' split=['train']>"
        with pytest.raises(ReleaseError, match="2026"):
            data.release("2026.2")


def test_the_import_of_the_package_is_instant():
    code = (
        "import sys, medpix2\n"
        "print(sorted({'pymongo', 'numpy', 'PIL', 'pydantic', 'medpix2.pipeline'} "
        "& set(sys.modules)))\n"
        "assert callable(medpix2.open)\n"
        "try: medpix2.shut\nexcept AttributeError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["[]", "module 'medpix2' has no attribute 'shut'"]


def test_a_program_that_forgets_to_close_ends(where):
    code = "import medpix2\ndata = medpix2.open()\nprint(next(data.cases()).id)"
    done = run(code, where)
    assert done.returncode == 0 and done.stdout.startswith("MPX") and not done.stderr, done


@pytest.mark.parametrize("number", range(2))
def test_the_page_s_examples_run(where, number):
    examples = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert len(examples) == 2
    done = run(examples[number], where)
    assert done.returncode == 0 and done.stdout, done.stderr


def run(code, where):
    return subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **where},
        capture_output=True, text=True, check=False,
    )  # fmt: skip

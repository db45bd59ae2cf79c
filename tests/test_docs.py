"""The documents keep their promises: generated parts are current, links lead somewhere."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
GENERATED = [path for path in DOCUMENTS if "<!-- [[[cog" in path.read_text("utf-8")]


@pytest.mark.parametrize("path", GENERATED, ids=lambda path: path.name)
def test_generated_parts_and_documented_commands_are_current(path):
    done = subprocess.run(
        [sys.executable, "-m", "cogapp", "--check", "--diff", str(path)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"run `make docs`\n{done.stdout}{done.stderr}"


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path):
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", path.read_text("utf-8")):
        if "://" not in target:
            assert (path.parent / target).exists(), target


@pytest.mark.parametrize(
    ("name", "lighter", "said"),
    [
        ("README.md", ('"meningioma"', '"mass"'), r"^MPX\d+ .+ \d+$"),
        ("docs/python.md", ("", ""), r"^MPX\d+ .+ \d+$"),
        ("docs/export.md", ("image_size=224", "pictures=False"), r"^\d+ \[\]$"),
    ],
)
def test_the_python_examples_run(phantom_store, tmp_path, name, lighter, said):
    text = (ROOT / name).read_text("utf-8")
    example = re.search(r"# From Python\n\n```python\n(.*?)```", text, re.S)[1]
    assert lighter[0] in example
    settings = phantom_store.settings
    where = {"HOME": settings.home, "URL": settings.mongo_url, "DATABASE": settings.database}
    named = {"HOME": "MEDPIX2_HOME", "URL": "MEDPIX2_MONGO_URL", "DATABASE": "MEDPIX2_DATABASE"}
    done = subprocess.run(
        [sys.executable, "-c", example.replace(*lighter)], cwd=tmp_path,
        env={**os.environ, **{named[key]: str(value) for key, value in where.items() if value}},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert re.search(said, done.stdout, re.M)


def test_every_kind_of_problem_is_documented():
    source = "".join(p.read_text("utf-8") for p in (ROOT / "src/medpix2").rglob("*.py"))
    kinds = set(re.findall(r'_?problem\(\s*"([a-z]+-[a-z]+|encoding)"', source))
    kinds |= set(re.findall(r'Examined\(None, "([a-z-]+)"', source)) | {"no-picture"}
    documented = (ROOT / "docs/build.md").read_text("utf-8")
    assert {kind for kind in kinds if kind not in documented} == set()
    assert len(kinds) > 15


def test_settings_of_the_manual_are_those_of_the_commands():
    from medpix2.settings import SETTINGS

    help_text = subprocess.run(
        [str(Path(sys.executable).parent / "medpix2"), "build", "--help"],
        capture_output=True, text=True, check=True, env={"COLUMNS": "200", "TERM": "dumb"},
    ).stdout  # fmt: skip
    for setting in SETTINGS:
        assert setting.option in help_text and setting.variable in help_text

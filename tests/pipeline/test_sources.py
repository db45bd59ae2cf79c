import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from medpix2.errors import DiskFull, NotWritable, OutputError
from medpix2.phantom.layout import make_phantom
from medpix2.pipeline import sources
from medpix2.pipeline.progress import Advance, Silent
from medpix2.pipeline.sources import opened_source
from medpix2.settings import Settings, load_settings

OPEN_PHANTOM = """
import sys
from pathlib import Path
from medpix2.pipeline import sources
from medpix2.pipeline.progress import Silent
from medpix2.settings import load_settings

if __name__ == "__main__":
    sources.PHANTOM_CASES = 12
    print("ready", flush=True)
    sys.stdin.readline()
    settings = load_settings({"home": Path(sys.argv[1]), "jobs": 1}, {})
    with sources.opened_source("phantom", settings, None, Silent()) as copy:
        print(copy.name)
"""


@pytest.fixture
def settings(tmp_path, monkeypatch) -> Settings:
    monkeypatch.chdir(tmp_path)  # where nothing is named phantom
    monkeypatch.setattr(sources, "PHANTOM_CASES", 12)
    return load_settings({"home": tmp_path / "home", "jobs": 1}, {})


@pytest.fixture
def archive(tmp_path) -> str:
    make_phantom(tmp_path / "copy", cases=1, jobs=1, pictures=False)
    with zipfile.ZipFile(tmp_path / "copy.zip", "w") as opened:
        for path in sorted((tmp_path / "copy").rglob("*")):
            opened.write(path, path.relative_to(tmp_path))
    return str(tmp_path / "copy.zip")


class Told:
    """Notes what it is told."""

    def __init__(self) -> None:
        self.steps: dict[str, tuple[int | None, list[int]]] = {}

    @contextmanager
    def step(self, name: str, total: int | None) -> Iterator[Advance]:
        self.steps[name] = (total, [])
        yield self.steps[name][1].append


def test_the_phantom_is_made_once_and_tells_how_far_it_is(settings):
    told = Told()
    with opened_source("phantom", settings, None, told) as copy:
        assert copy.name == "phantom"
    assert told.steps == {"make the phantom": (12, [8, 4])}
    again = Told()
    with opened_source("phantom", settings, None, again):
        assert again.steps == {}


def test_two_builds_of_one_home_can_ask_for_the_phantom_at_once(settings):
    running = [
        subprocess.Popen(
            [sys.executable, "-c", OPEN_PHANTOM, settings.home],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for _ in range(3)
    ]  # fmt: skip
    for process in running:
        assert process.stdout.readline() == "ready\n"
    for process in running:
        process.stdin.write("\n")
        process.stdin.flush()
    for process in running:
        said, errors = process.communicate(timeout=120)
        assert (said, errors, process.returncode) == ("phantom\n", "", 0)
    assert [path.name for path in (settings.home / "phantom").iterdir()] == ["cases-12-seed-1"]


def test_a_phantom_that_came_just_after_we_looked_is_taken(settings, monkeypatch):
    def make_twice(*args, **kwargs):
        make_phantom(*args, **kwargs)
        return make_phantom(*args, **kwargs)

    monkeypatch.setattr("medpix2.phantom.layout.make_phantom", make_twice)
    with opened_source("phantom", settings, None, Silent()) as copy:
        assert copy.name == "phantom"


def test_what_else_stands_in_the_phantoms_place_is_kept(settings):
    note = settings.home / "phantom" / "cases-12-seed-1" / "note"
    note.parent.mkdir(parents=True)
    note.write_text("mine")
    with (
        pytest.raises(OutputError, match="not empty"),
        opened_source("phantom", settings, None, Silent()),
    ):
        pass
    assert note.read_text() == "mine"


@pytest.mark.parametrize("source", ["phantom", "archive"])
def test_a_home_that_cannot_be_made_is_one_clear_error(settings, archive, source):
    settings = load_settings({"home": Path("/dev/null/x")}, {})
    with (
        pytest.raises(NotWritable, match=r"^Folder /dev/null/x cannot .*--home$") as caught,
        opened_source(archive if source == "archive" else source, settings, None, Silent()),
    ):
        pass
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("raised", "said"),
    [(PermissionError(13, "Permission denied"), NotWritable), (OSError(28, "No space"), DiskFull)],
)
def test_a_home_that_takes_no_folder_is_one_clear_error(
    settings, archive, monkeypatch, raised, said
):
    def fail(**kwargs):
        raise raised

    monkeypatch.setattr("medpix2.pipeline.sources.tempfile.mkdtemp", fail)
    with pytest.raises(said, match=r"--home$"), opened_source(archive, settings, None, Silent()):
        pass


def test_an_archive_leaves_nothing_in_the_home(settings, archive):
    told = Told()
    with opened_source(archive, settings, None, told) as copy:
        assert copy.name == "copy.zip"
    assert list(settings.home.iterdir()) == []
    total, steps = told.steps["unpack"]
    assert (total, set(steps)) == (None, {1})

from __future__ import annotations

import fcntl
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import hypothesis
import pytest
from PIL import Image
from pymongo import MongoClient

from medpix2.pipeline.build import build
from medpix2.pipeline.extracting import extract
from medpix2.settings import Settings, load_settings
from medpix2.store.database import Store, open_store
from medpix2.store.postings import postings_from
from medpix2.store.server import open_server, stop_server
from medpix2.store.words import SEGMENT

# The same examples at every run, however slow the machine.
hypothesis.settings.register_profile("fixed", derandomize=True, deadline=None)
hypothesis.settings.load_profile("fixed")

REAL = Path(__file__).parents[2] / "shared" / "medpix2"
REAL_RECORDS = REAL.with_name("openi_mpx_records.json")
PROGRAM = Path(sys.executable).with_name("medpix2")
PHANTOM_CASES, PHANTOM_SEED = 40, 3
CRAWLED_CASES = 12  # of the phantom that is crawled over and over
_numbers = count()


@pytest.fixture(scope="session")
def real_copy() -> Path:
    """Return the folder of the real release, or skip."""
    if not (REAL / "Case_topic.json").is_file():
        pytest.skip(f"real data are not beside this checkout: {REAL}")
    return REAL


@pytest.fixture(scope="session")
def real_records() -> Path:
    """Return the file of real Open-i records, or skip."""
    if not REAL_RECORDS.is_file():
        pytest.skip(f"real records are not beside this checkout: {REAL_RECORDS}")
    return REAL_RECORDS


@dataclass
class Source:
    """A small source in the published layout, to be changed and written again."""

    folder: Path
    cases: list[dict[str, Any]] = field(default_factory=list)
    images: list[dict[str, Any]] = field(default_factory=list)
    pictures: dict[str, bytes | None] = field(default_factory=dict)
    splits: dict[str, list[str]] = field(default_factory=dict)

    def case(self, name: str, *, ct: int = 0, mr: int = 0, **more: Any) -> dict[str, Any]:
        """Add a case with some CT and MR pictures, whose labels differ from case to case."""
        made: dict[str, list[str]] = {"CT": [], "MR": []}
        for modality, number in (("CT", ct), ("MR", mr)):
            for n in range(number):
                made[modality].append(self.image(name, f"{modality.lower()}{n}", modality))
        self.cases.append(
            {
                "U_id": name, "TAC": made["CT"], "MRI": made["MR"],
                "Case": {"Title": f"Title of {name}", "History": "A cough.", "Findings": "N/A"},
                "Topic": {"Title": "Ménière", "Category": f"Category {len(self.cases) % 3}"},
                **more,
            }
        )  # fmt: skip
        return self.cases[-1]

    def image(self, case: str, name: str, modality: str = "CT", **more: Any) -> str:
        """Add a picture with its description; return its id."""
        at, name = len(self.images), f"{case}_{name}"
        self.images.append(
            {
                "Type": modality, "U_id": case, "image": name,
                "Description": {
                    "Age": str(20 + 7 * at), "Sex": ("male", "female", "N/A")[at % 3],
                    "Plane": ("Axial", "Coronal", None)[at % 3], "Caption": f"Caption {at}",
                    "Modality": "CT w/contrast (IV)" if modality == "CT" else "MR - FLAIR",
                },
                "Location": "Brain", "Location Category": ("Head", "Thorax")[at % 2], **more,
            }
        )  # fmt: skip
        self.pictures[name] = None
        return name

    def found(self, name: str) -> dict[str, Any]:
        """Return the document of a case or image."""
        by_id = {row.get("image", row.get("U_id")): row for row in (*self.cases, *self.images)}
        return by_id[name]

    def drop(self, name: str) -> None:
        """Leave out a case or an image, with whatever belongs to it."""
        self.cases = [row for row in self.cases if row["U_id"] != name]
        gone = {row["image"] for row in self.images if name in (row["image"], row["U_id"])}
        self.images = [row for row in self.images if row["image"] not in gone]
        self.pictures = {key: value for key, value in self.pictures.items() if key not in gone}
        for row in self.cases:
            for key in ("TAC", "MRI"):
                row[key] = [image for image in row[key] if image not in gone]

    def write(self) -> str:
        """Write all of it anew; return the folder, as `build` takes it."""
        pictures = self.folder / "images"
        pictures.mkdir(parents=True, exist_ok=True)
        for path in pictures.iterdir():
            if path.stem not in self.pictures:
                path.unlink()
        for at, (name, content) in enumerate(self.pictures.items()):
            path = pictures / f"{name}.png"
            if content is not None:
                path.write_bytes(content)
            elif not path.is_file() or path.stat().st_size < 50:
                Image.new("L", (8 + at, 8), at * 7 % 256).save(path)
        (self.folder / "Case_topic.json").write_text(json.dumps(self.cases))
        (self.folder / "Descriptions.json").write_text(json.dumps(self.images))
        lists = self.folder / "splitted_dataset" / "uid_list.json"
        lists.parent.mkdir(exist_ok=True)
        lists.write_text(json.dumps(self.splits))
        if not self.splits:
            lists.unlink()
        return str(self.folder)


@pytest.fixture
def source(tmp_path: Path) -> Source:
    """Return five cases with nine pictures; one case has none."""
    made = Source(tmp_path / "source")
    made.case("MPX1", ct=2, mr=1)
    made.case("MPX2", mr=2)
    made.case("MPX3", ct=1)
    made.case("MPX4")
    made.case("MPX5", ct=1, mr=2)
    made.splits = {"train": ["MPX1", "MPX2", "MPX4"], "dev": ["MPX3"], "test": ["MPX5"]}
    return made


@pytest.fixture(scope="session")
def server_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run one embedded server for the session; each test has a database of its own on it."""
    home = tmp_path_factory.mktemp("server")
    with open_server(home, linger=0.2) as server:
        yield server.url
    stop_server(home, force=True)


@pytest.fixture
def fresh_home(tmp_path: Path, server_url: str) -> Iterator[Settings]:
    """Return settings of an empty home, with an empty database on the session's server."""
    settings = load_settings(
        {
            "home": tmp_path / "home", "mongo_url": server_url, "linger": 0.2, "jobs": 1,
            "database": f"fresh_{os.getpid()}_{next(_numbers)}",
        },
        {},
    )  # fmt: skip
    yield settings
    with MongoClient(server_url) as client:
        client.drop_database(settings.database)


@pytest.fixture
def embedded_home(tmp_path: Path) -> Iterator[Settings]:
    """Return settings of an empty home with an embedded server of its own."""
    yield load_settings({"home": tmp_path / "home", "linger": 0.2, "jobs": 1}, {})
    stop_server(tmp_path / "home", force=True)


@pytest.fixture
def store(fresh_home: Settings) -> Iterator[Store]:
    """Open the empty database of `fresh_home`."""
    with open_store(fresh_home) as opened:
        yield opened


def made_once(tmp_path_factory: pytest.TempPathFactory, cases: int) -> Path:
    """Make a phantom that all workers of the session share."""
    from medpix2.phantom.layout import make_phantom

    folder = shared_by_workers(tmp_path_factory) / "phantom" / str(cases)
    folder.parent.mkdir(exist_ok=True)
    with (folder.parent / "lock").open("w") as lock:  # one worker makes it, the others wait
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            make_phantom(folder, cases=cases, seed=PHANTOM_SEED, jobs=1)
    return folder


@pytest.fixture(scope="session")
def phantom_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a small synthetic collection."""
    return made_once(tmp_path_factory, PHANTOM_CASES)


@pytest.fixture(scope="session")
def crawled_phantom(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a smaller one, of a size to be crawled often."""
    return made_once(tmp_path_factory, CRAWLED_CASES)


@pytest.fixture(scope="session")
def phantom_store(
    phantom_folder: Path, server_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    """Build the phantom; for reading only."""
    home = tmp_path_factory.mktemp("phantom_home")
    settings = load_settings(
        {"home": home, "mongo_url": server_url, "database": "phantom", "jobs": 1}, {}
    )
    build(settings, str(phantom_folder))
    with open_store(settings) as opened:
        yield opened


def as_environment(settings: Settings) -> dict[str, str]:
    """Return the environment in which a program has these settings and no others."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("MEDPIX2_", "COLUMNS"))}
    said = {
        "MEDPIX2_HOME": str(settings.home), "MEDPIX2_DATABASE": settings.database,
        "MEDPIX2_JOBS": str(settings.jobs), "MEDPIX2_LINGER": str(settings.linger),
    }  # fmt: skip
    if settings.mongo_url:
        said["MEDPIX2_MONGO_URL"] = settings.mongo_url
    return {**clean, **said}


@dataclass
class Program:
    """The installed program, run as a user does."""

    settings: Settings

    def __call__(self, *arguments: str, code: int | None = 0, **more: Any) -> Any:
        """Run a command to its end; check its exit code; return it."""
        done = subprocess.run(
            [PROGRAM, *arguments], env=as_environment(self.settings) | more.pop("env", {}),
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, **more,
        )  # fmt: skip
        assert code is None or done.returncode == code, done.stdout + done.stderr
        return done

    def json(self, *arguments: str) -> Any:
        """Run a command and read what it prints."""
        return json.loads(self(*arguments).stdout)

    def failing(self, *arguments: str, **more: Any) -> str:
        """Run a command that must end with one clear line and code 1; return the line."""
        done = self(*arguments, code=1, **more)
        assert done.stdout == ""
        lines = done.stderr.splitlines()
        assert len(lines) == 1, done.stderr
        assert lines[0].startswith("medpix2: ")
        return lines[0]

    def start(
        self, *arguments: str, environment: dict[str, str] | None = None, **more: Any
    ) -> subprocess.Popen[str]:
        """Start a command in a session of its own."""
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(
            [PROGRAM, *arguments], env=as_environment(self.settings) | (environment or {}),
            text=True, start_new_session=True, **{**pipes, **more},
        )  # fmt: skip


@pytest.fixture
def medpix2(fresh_home: Settings) -> Program:
    """Return the program with the settings of `fresh_home`."""
    return Program(fresh_home)


@pytest.fixture(scope="session")
def phantom_program(phantom_store: Store) -> Program:
    """Return the program with the phantom's database; for reading only."""
    return Program(phantom_store.settings)


@pytest.fixture
def program_of() -> Callable[[Settings], Program]:
    """Return what gives the program other settings."""
    return Program


@dataclass
class Served:
    """The simulated sites, served by a process of their own."""

    url: str
    process: subprocess.Popen[str]

    def bytes(self, address: str) -> bytes:
        """Return what an address gives."""
        with urlopen(self.url + address, timeout=30) as answer:
            return answer.read()

    def json(self, address: str) -> Any:
        """Return what an address gives, read."""
        return json.loads(self.bytes(address))

    def asked(self) -> dict[str, Any]:
        """Return how much was asked, by kind, and which faults were given."""
        return self.json("/_asked")

    def stop(self) -> tuple[str, str]:
        """End the process as Ctrl-C does; it must end well; return what else it said."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        said = self.process.communicate(timeout=30)
        assert self.process.returncode == 0, said
        return said


@contextmanager
def serving(home: Path) -> Iterator[Callable[..., Served]]:
    """Give a starter of `phantom serve` on free ports; all of them are stopped at the end."""
    settings = load_settings({"home": home, "jobs": 1}, {})
    started: list[Served] = []

    def start(*arguments: object) -> Served:
        process = Program(settings).start(
            "phantom", "serve", "--port", "0", *(str(argument) for argument in arguments)
        )
        line = process.stdout.readline()
        found = re.search(r"http://\S+:\d+", line)
        assert found, line + process.stderr.read()
        started.append(Served(found[0], process))
        return started[-1]

    try:
        yield start
    finally:
        for served in started:
            served.stop()


@pytest.fixture
def sites(tmp_path: Path) -> Iterator[Callable[..., Served]]:
    """Return what starts the simulated sites: `sites(FOLDER, "--faults", "429=0.1").url`."""
    with serving(tmp_path / "sites_home") as start:
        yield start


@pytest.fixture(scope="session")
def phantom_sites(
    phantom_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """Serve the phantom without faults; for asking only."""
    with serving(tmp_path_factory.mktemp("phantom_sites")) as start:
        yield start(phantom_folder)


@pytest.fixture(scope="session")
def crawled_sites(
    crawled_phantom: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """Serve the smaller phantom without faults; for asking only."""
    with serving(tmp_path_factory.mktemp("crawled_sites")) as start:
        yield start(crawled_phantom)


def pointed_at(settings: Settings, url: str, **more: Any) -> Settings:
    """Return the settings, with the sites at an address and no delay between requests."""
    images = (f"{url}/images/full", f"{url}/medpix/img/full")
    given = {"openi_url": url, "medpix_url": url, "image_urls": images, "delay": 0.0, **more}
    return replace(settings, **given)


@pytest.fixture(scope="session")
def asking() -> Callable[..., Settings]:
    """Return what makes settings ask the sites at an address, `asking(settings, url)`."""
    return pointed_at


@pytest.fixture(scope="session")
def undisturbed(crawled_sites: Served, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Crawl the smaller phantom, without a fault, into a snapshot; for reading only."""
    settings = load_settings({"home": tmp_path_factory.mktemp("crawling") / "home"}, {})
    folder = settings.home.parent / "snapshot"
    assert extract(pointed_at(settings, crawled_sites.url), folder).left == 0
    return folder


def options_for(url: str) -> list[str]:
    """Return the options that point a command at the sites at an address, without a delay."""
    images = f"{url}/images/full,{url}/medpix/img/full"
    return [
        "--openi-url", url, "--medpix-url", url, "--image-urls", images, "--delay", "0",
    ]  # fmt: skip


@pytest.fixture(scope="session")
def site_options() -> Callable[[str], list[str]]:
    """Return what makes the options that point a command at the sites, `site_options(url)`."""
    return options_for


def labels(image: dict[str, Any], case: dict[str, Any] | None) -> dict[str, Any]:
    """Return every facet of a current picture, slowly and obviously."""
    meta = image["meta"]
    facts = meta["normalized"]
    wanted = ("sequence", "contrast", "plane", "location_category", "location", "sex")
    found = {name: facts.get(name) for name in wanted}
    found["modality"] = image.get("Type")
    found["age"] = None if facts.get("age") is None else int(facts["age"])
    found["category"] = case["meta"]["normalized"].get("category") if case else None
    found |= {name: meta.get(name) for name in ("split", "split_half", "status", "site")}
    return found


@pytest.fixture(scope="session")
def labels_of() -> Callable[..., dict[str, Any]]:
    """Return the maker of a picture's facets."""
    return labels


def check_facets(store: Store) -> None:
    """Compare every bitmap with what the documents of `current` say."""
    cases, images, starts, expected = {}, {}, set(), {}
    for document in store.current.find():
        (cases if document["meta"]["kind"] == "case" else images)[document["_id"]] = document
    pictured = {image["U_id"] for image in images.values()}
    bare = [case for name, case in cases.items() if name not in pictured]
    for document in (*images.values(), *bare):
        n = document["meta"]["n"]
        for facet, value in labels(document, cases.get(document["U_id"])).items():
            expected.setdefault((facet, value), set()).add(n)
        if document["meta"]["kind"] == "image":
            expected.setdefault(("_images", None), set()).add(n)
        if n == document["meta"]["c"]:
            starts.add(n)
            case = cases.get(document["U_id"])
            status = case["meta"]["status"] if case else "excluded"
            expected.setdefault(("_case_status", status), set()).add(n)
    expected["_cases", None] = starts
    bitmaps = store.facets()._bitmaps
    stored = {(f, v): set(bits) for f, row in bitmaps.items() for v, bits in row.items() if bits}
    assert stored == {key: ns for key, ns in expected.items() if ns}
    of_case: dict[str, list[int]] = {}
    for image in images.values():
        of_case.setdefault(image["U_id"], []).append(image["meta"]["n"])
        assert image["meta"]["c"] == cases.get(image["U_id"], image)["meta"]["c"]
    for name, ns in of_case.items():  # the pictures of a case stand together, from the case's on
        first = cases[name]["meta"]["n"] if name in cases else min(ns)
        assert sorted(ns) == list(range(first, first + len(ns)))


@pytest.fixture(scope="session")
def facets_agree() -> Callable[[Store], None]:
    """Return the check that the facets are in step with the documents."""
    return check_facets


def contents(store: Store, *, anywhere: bool = False) -> dict[str, Any]:
    """Return all that two builds of one source must agree on.

    `anywhere` leaves out where the source and its pictures were.
    """

    def plain(document: dict[str, Any]) -> dict[str, Any]:
        meta = dict(document.get("meta") or {})
        for name in ("n", "c", *(("inputs",) if anywhere else ())):
            meta.pop(name, None)
        document = {**document, "meta": meta}
        if anywhere:
            document.pop("digest", None)
            document["source"] = dict(document.get("source") or {}, origin=None, name=None)
            for holder in (document, meta):
                if holder.get("file"):
                    holder["file"] = {**holder["file"], "path": None}
        return document

    found: dict[str, Any] = {
        name: {row["_id"]: plain(row) for row in store.db[name].find()}
        for name in ("cases", "images", "current", "findings", "decisions")
    }
    found["dropped"] = sorted(
        (row["file"], row["index"], row["reason"], row["raw"]) for row in store.db["dropped"].find()
    )
    bitmaps = store.facets()._bitmaps
    found["facets"] = {
        (f, v): len(bits) for f, row in bitmaps.items() for v, bits in row.items() if bits
    }
    if not anywhere:
        found["words"] = words(store)
    return found


def words(store: Store) -> dict[tuple[str, str], tuple[int, list[int]]]:
    """Return the weight and the places of every stored word in every document, wherever it is."""
    images = store.current.find({"meta.kind": "image"})
    cases = store.current.find({"meta.kind": "case"})
    names = {2 * row["meta"]["n"] + 1: row["_id"] for row in images}
    names |= {2 * row["meta"]["n"]: row["_id"] for row in cases}
    found = {}
    for row in store.db["words"].find({"_id": {"$type": "number"}}, sort=[("_id", 1)]):
        first = (row["_id"] & 0xFFFFFFFF) * 2 * SEGMENT
        some, pair, place = postings_from([row]), 0, 0
        for word, size in zip(some.words, some.sizes.tolist(), strict=True):
            for at in range(pair, pair + size):
                end = place + int(some.counts[at])
                key = (word, names[first + int(some.docs[at])])
                assert key not in found
                found[key] = (int(some.weights[at]), some.places[place:end].tolist())
                place = end
            pair += size
    return found


@pytest.fixture(scope="session")
def words_of() -> Callable[[Store], dict[Any, Any]]:
    """Return the reader of all stored words."""
    return words


@pytest.fixture(scope="session")
def contents_of() -> Callable[..., dict[str, Any]]:
    """Return what reads a whole database for comparison."""
    return contents


@pytest.fixture
def tree() -> Callable[[Path], dict[str, bytes]]:
    """Return what reads all files of a folder."""

    def read(folder: Path) -> dict[str, bytes]:
        return {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }

    return read


PAIR_CASES = 18
PAIR_KINDS = (("CT", "Head", "Brain"), ("MR", "Head", "Brain"), ("CT", "Thorax", "Lung"))


def drawn_pair(kind: int, chance: Any) -> Image.Image:
    """Draw a picture that shows its kind: a ring, a disc or two discs, on a grainy ground."""
    import numpy as np

    y, x = np.mgrid[:40, :48]
    far = np.hypot(x - 24 + chance.normal(), y - 20 + chance.normal())
    shape = ((far > 10) & (far < 15), far < 12, (abs(x - 24) > 6) & (abs(x - 24) < 18))[kind]
    return Image.fromarray(np.clip(shape * 170 + chance.normal(40, 8, far.shape), 0, 255)
                           .astype(np.uint8))  # fmt: skip


@pytest.fixture(scope="session")
def pairs_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a folder as `export pairs` does, of easy pictures: two a case, a third of it dev."""
    import numpy as np

    folder, chance = tmp_path_factory.mktemp("pairs"), np.random.default_rng(1)
    (folder / "images").mkdir()
    lines = []
    for case in range(PAIR_CASES):
        modality, category, location = PAIR_KINDS[case % 3]
        for n in range(2):
            name = f"MPX{case}_{n}"
            drawn_pair(case % 3, chance).save(folder / "images" / f"{name}.png")
            sequence = ("T1", "T2")[n] if modality == "MR" else None
            labels = {
                "modality": modality, "location_category": category, "location": location,
                "plane": ("Axial", "Coronal")[n], "sequence": sequence, "contrast": None,
                "sex": None,
            }  # fmt: skip
            facts = f"{labels['plane']} {modality} image, {location} ({category})."
            texts = {"facts": facts, "findings": f"Findings of case {case}."}
            texts |= {} if n else {"caption": f"A caption about the {location}, number {case}."}
            split = ("train", "train", "train", "train", "dev", "dev")[case // 3]
            lines.append(
                {"id": name, "image": f"images/{name}.png", "case": f"MPX{case}", "split": split,
                 "split_half": None, "status": "accepted", "width": 48, "height": 40, "age": 40.0,
                 "labels": labels, "texts": texts}
            )  # fmt: skip
    classes = {
        task: sorted({line["labels"][task] for line in lines} - {None})
        for task in lines[0]["labels"]
    }
    (folder / "pairs.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    about = {"version": 1, "classes": classes, "texts": {"facts": "A sentence of facts."}}
    (folder / "pairs.json").write_text(json.dumps(about))
    return folder


@pytest.fixture(scope="session")
def tiny_recipe() -> Any:
    """Return a recipe of tiny encoders that learns the pictures of `pairs_folder` in seconds."""
    from medpix2.train.recipe import recipe_of

    return recipe_of(
        {
            "name": "tiny", "seed": 3, "device": "cpu", "threads": 1,
            "data": {"size": 32, "mask": False},
            "texts": {"mix": {"facts": 2.0, "caption": 1.0}, "length": 16},
            "picture": {"encoder": "tiny"}, "text": {"encoder": "tiny"},
            "loss": {"width": 16}, "heads": {"tasks": ["modality", "location"], "dropout": 0.1},
            "augment": {"rotate": 5, "shift": 0.05, "bright": 0.1},
            "optimize": {"epochs": 20, "batch": 8, "rate": 0.01, "average": 0.5},
            "prompts": {"tasks": ["modality", "location_category", "location", "sequence"]},
        },
        "tests",
    )  # fmt: skip


@pytest.fixture(scope="session")
def trained_folder(
    pairs_folder: Path, tiny_recipe: Any, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Train `tiny_recipe` as the command does, once for all workers; for reading only."""
    from medpix2.pipeline.training import train

    folder = shared_by_workers(tmp_path_factory) / "trained"
    folder.parent.mkdir(exist_ok=True)
    with (folder.parent / "trained.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            recipe = folder.parent / "tiny.toml"
            recipe.write_text(as_toml(tiny_recipe.model_dump(mode="json")))
            train(recipe, pairs_folder, folder)
    return folder


def shared_by_workers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder that all workers of the session have."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if os.environ.get("PYTEST_XDIST_WORKER") else own


def as_toml(values: dict[str, Any]) -> str:
    """Return nested values as TOML."""
    parts = {key: value for key, value in values.items() if isinstance(value, dict)}
    lines = [f"{key} = {inline(value)}" for key, value in values.items() if key not in parts]
    for key, part in parts.items():
        lines += [f"[{key}]", *(f"{name} = {inline(value)}" for name, value in part.items())]
    return "\n".join(lines) + "\n"


def inline(value: Any) -> str:
    """Return a value as TOML has it in a line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {inline(one)}" for key, one in value.items()) + "}"
    return json.dumps(value)

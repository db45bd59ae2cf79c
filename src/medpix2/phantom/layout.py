"""Writes a collection in the published layout, with its ground truth beside it."""

from __future__ import annotations

import errno
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from medpix2.errors import OutputError
from medpix2.phantom.defects import plant
from medpix2.phantom.desk import Planted
from medpix2.phantom.picture import Job, make_picture
from medpix2.phantom.rates import Rates, rates

SPLITS = ("train", "train_1", "train_2", "dev", "test")
HEADER = "Type,U_id,ID_Image,Img_Large,URL_Article_image"
GROUND_TRUTH = "ground_truth.json"
MAKING = "making-phantom-"  # how the folders begin that collections are made in
_CHUNK = 8
_REPORT_KEYS = ("Case Diagnosis", "Diagnosis By", "Differential Diagnosis", "Discussion", "Exam",
    "Findings",
                "History", "Media", "Title", "Treatment & Follow Up")  # fmt: skip
_TOPIC_KEYS = ("ACR Code", "Category", "Disease Discussion", "External Links", "Keywords",
    "Reference", "Title")  # fmt: skip


class Summary(NamedTuple):
    """What was written."""

    out: Path
    cases: int
    images: int
    """Image documents."""
    pictures: int
    """Picture files."""
    planted: dict[str, int]
    """How often each kind of defect was planted."""


class _Part(NamedTuple):
    """What a few cases add to each file."""

    texts: dict[str, str]
    """By file, its lines or array elements."""
    ids: list[tuple[str, list[str]]]
    """Each case with the lists that name it."""
    images: int
    pictures: int
    planted: list[dict[str, Any]]


class _Order(NamedTuple):
    """What every process needs to know."""

    out: Path
    seed: int
    rates: Rates
    pictures: bool


def make_phantom(
    out: Path,
    *,
    cases: int = 200,
    seed: int = 1,
    jobs: int | None = None,
    defects: float = 1.0,
    broken: float = 0.0,
    pictures: bool = True,
    progress: Callable[[int, int], None] | None = None,
) -> Summary:
    """Write a synthetic collection in the published layout; the same arguments, the same bytes.

    Parameters
    ----------
    out
        Folder to make, or an empty one to fill; until the collection is complete it is in a folder
        `making-phantom-...` beside it.
    cases
        How many cases; about three pictures each.
    seed
        Of all random numbers. A larger collection of the same seed begins with the smaller one's
        cases.
    jobs
        Processes; None uses every core. It does not change a byte.
    defects
        Scales the rates of `rates.DEFECTS`; 0 plants none.
    broken
        Rate, 0 to 1, of each structural defect (`rates.BROKEN`), a picture or a case.
    pictures
        Whether to draw the pictures.
    progress
        Called with the cases done and their total.

    Raises
    ------
    OutputError
        `out` is there and not empty, or cannot be written. If another process has made the same
        collection there meanwhile, that one is taken and there is no error.
    """
    defect_rates = rates(defects, broken)
    target = _free(out)
    try:
        with TemporaryDirectory(
            prefix=MAKING, dir=target.parent, ignore_cleanup_errors=True
        ) as place:
            made = Path(place) / "made"  # within it: the place itself is for its owner alone
            for folder in (made, made / "images", made / "splitted_dataset"):
                folder.mkdir()
            writer = _Writer(
                made, {"seed": seed, "cases": cases, "defects": defects, "broken": broken}
            )
            try:
                done = 0
                for part in _parts(_Order(made, seed, defect_rates, pictures), cases, jobs):
                    writer.add(part)
                    done = min(cases, done + _CHUNK)
                    if progress is not None:
                        progress(done, cases)
                writer.close()
            finally:
                writer.abandon()
            _settle(made, target)
    except OutputError:
        raise
    except OSError as error:
        raise OutputError(
            f"Cannot write {out}", f"make room or rights there, or name another folder ({error})"
        ) from error
    return Summary(
        target, cases, writer.images, writer.pictures, dict(sorted(writer.counts.items()))
    )


def _free(out: Path) -> Path:
    """Return the absolute path of a folder that is empty or not there; its parent is made."""
    try:
        target = Path(out).resolve()
        if target.exists() and (not target.is_dir() or any(target.iterdir())):
            raise _not_empty(target)
        target.parent.mkdir(parents=True, exist_ok=True)
    except OutputError:
        raise
    except (OSError, RuntimeError) as error:  # RuntimeError: links that lead in a circle
        raise OutputError(
            f"Cannot make {out}", f"choose a folder that can be written ({error})"
        ) from error
    return target


def _not_empty(out: Path) -> OutputError:
    return OutputError(f"{out} is there and not empty", "name a new folder or empty this one")


def _settle(made: Path, out: Path) -> None:
    """Put a complete collection where it belongs, unless the same one has come there meanwhile."""
    try:
        if out.exists():
            _fill(made, out)
        else:
            made.rename(out)
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
            raise
        if not _is_same(made, out):
            raise _not_empty(out) from error


def _fill(made: Path, out: Path) -> None:
    """Move a collection into a folder, which stays: it may be somebody's working directory."""
    if any(out.iterdir()):
        raise FileExistsError(errno.EEXIST, "not empty", str(out))
    # The lists go first, for only one process can move a folder with files to a name; the ground
    # truth goes last, for it tells that a collection is complete.
    names = ["splitted_dataset", *(path.name for path in made.iterdir() if path.is_file())]
    names.remove(GROUND_TRUTH)
    names += ["images", GROUND_TRUTH]
    try:
        for name in names:
            (made / name).rename(out / name)
    except BaseException:
        for name in names:
            if not (made / name).exists():  # moved by us
                (out / name).rename(made / name)
        raise


def _is_same(made: Path, out: Path) -> bool:
    """Return whether a folder has a complete collection of the same arguments."""
    truth = out / GROUND_TRUTH
    if not truth.is_file() or truth.read_bytes() != (made / GROUND_TRUTH).read_bytes():
        return False
    # The ground truth does not tell whether the pictures were drawn.
    return _paths(made) == _paths(out)


def _paths(folder: Path) -> set[Path]:
    return {path.relative_to(folder) for path in folder.rglob("*")}


def _parts(order: _Order, cases: int, jobs: int | None) -> Iterator[_Part]:
    """Yield what each few cases add, in order."""
    starts = range(0, cases, _CHUNK)
    jobs = jobs or os.cpu_count() or 1
    if jobs == 1 or len(starts) < 2 or not (order.pictures or cases > 4000):
        for start in starts:
            yield _make_part(order, start, min(cases, start + _CHUNK))
        return
    # Spawned, not forked: the caller may have threads.
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        waiting = []
        for start in starts:
            waiting.append(pool.submit(_make_part, order, start, min(cases, start + _CHUNK)))
            if len(waiting) > 6 * jobs:
                yield waiting.pop(0).result()
        for future in waiting:
            yield future.result()


def _make_part(order: _Order, start: int, stop: int) -> _Part:
    """Make some cases: draw their pictures, return their texts."""
    texts = dict.fromkeys(_names(), "")
    part = _Part(texts, [], 0, 0, [])
    images = pictures = 0
    for number in range(start, stop):
        made = plant(order.seed, number, order.rates, order.pictures)
        _write_texts(texts, made)
        part.ids.append((made.bundle.case["U_id"], made.bundle.splits))
        part.planted.extend(planted._asdict() for planted in made.planted)
        images += len(made.bundle.images)
        if order.pictures:
            pictures += sum(_write_picture(order.out, job) for job in made.jobs)
    return part._replace(images=images, pictures=pictures)


def _write_picture(out: Path, job: Job) -> bool:
    if job.defect == "missing_picture":
        return False
    (out / "images" / f"{job.image}.png").write_bytes(make_picture(job))
    return True


def _names() -> list[str]:
    lists = [
        f"splitted_dataset/{what}_{split}.jsonl"
        for what in ("data", "descriptions")
        for split in SPLITS
    ]
    return ["Case_topic.json", "Descriptions.json", "images_overview.csv", *lists]


def _write_texts(texts: dict[str, str], made: Planted) -> None:
    """Add a case to the texts of each file."""
    bundle = made.bundle
    texts["Case_topic.json"] += ",\n" + _indented(bundle.case)
    texts["Descriptions.json"] += "".join(",\n" + _indented(image) for image in bundle.images)
    line = _line(_flat(bundle.case))
    lines = "".join(_line(image) for image in bundle.images)
    for split in bundle.splits:
        texts[f"splitted_dataset/data_{split}.jsonl"] += line
        texts[f"splitted_dataset/descriptions_{split}.jsonl"] += lines
    texts["images_overview.csv"] += "".join(_row(*row) for row in bundle.rows())


def _indented(document: dict[str, Any]) -> str:
    return "\n".join("    " + line for line in json.dumps(document, indent=4).split("\n"))


def _line(document: dict[str, Any]) -> str:
    return json.dumps(document, separators=(",", ":")).replace("/", "\\/") + "\n"


def _flat(case: dict[str, Any]) -> dict[str, Any]:
    """Return a case as the split files have it: every key, sorted, null where absent."""
    return {
        **case,
        "Case": {key: case["Case"].get(key) for key in _REPORT_KEYS},
        "Topic": {key: case["Topic"].get(key) for key in _TOPIC_KEYS},
    }


def _row(kind: str, u_id: str, image: str, uuid: str) -> str:
    number = int(u_id[3:])
    large = f"https://openi.phantom.invalid//imgs/512/{number % 401}/{number}/{image}.png"
    page = f"https://medpix.phantom.invalid/case?id={uuid}"
    return f"{kind},{u_id},{image},{large},{page}\r\n"


class _Writer:
    """Appends parts to the files of a collection as they come.

    Parameters
    ----------
    folder
        Where the files go.
    head
        What the ground truth says first.
    """

    def __init__(self, folder: Path, head: dict[str, Any]) -> None:
        self._folder = folder
        self._files = {
            name: (folder / name).open("w", encoding="ascii", newline="") for name in _names()
        }
        self._truth = (folder / GROUND_TRUTH).open("w", encoding="ascii", newline="")
        self._truth.write(json.dumps(head)[:-1] + ', "planted": [')
        self._files["images_overview.csv"].write(HEADER + "\r\n")
        self._lists: dict[str, list[str]] = {split: [] for split in SPLITS}
        self._begun: set[str] = set()
        self.images = self.pictures = 0
        self.counts: Counter[str] = Counter()

    def add(self, part: _Part) -> None:
        """Write what some cases add."""
        for name, text in part.texts.items():
            self._files[name].write(self._begin(name, text) if name.endswith(".json") else text)
        for u_id, splits in part.ids:
            for split in splits:
                self._lists[split].append(u_id)
        for planted in part.planted:
            self._truth.write(self._begin(GROUND_TRUTH, ",\n" + json.dumps(planted)))
            self.counts[planted["kind"]] += 1
        self.images += part.images
        self.pictures += part.pictures

    def _begin(self, name: str, text: str) -> str:
        """Return the text, its leading comma replaced where it is the array's first."""
        if not text or name in self._begun:
            return text
        self._begun.add(name)
        return ("[" if name != GROUND_TRUTH else "") + text[1:]

    def close(self) -> None:
        """Write what ends each file."""
        for name in ("Case_topic.json", "Descriptions.json"):
            self._files[name].write("\n]" if name in self._begun else "[]")
        self._truth.write('\n], "counts": ' + json.dumps(dict(sorted(self.counts.items()))) + "}\n")
        (self._folder / "splitted_dataset" / "uid_list.json").write_text(
            json.dumps(self._lists, indent=4)
        )
        for file in (*self._files.values(), self._truth):
            file.close()

    def abandon(self) -> None:
        """Close the files, whether or not what is left of them can still be written."""
        for file in (*self._files.values(), self._truth):
            with suppress(OSError):
                file.close()

"""A source of one's own: what `docs/extract.md` promises of it."""

from __future__ import annotations

from PIL import Image

from medpix2.extract.source import Source
from medpix2.extract.validate import check_case, check_image
from medpix2.pipeline.build import build
from medpix2.store.database import open_store


class Folder(Source):
    """A folder of pictures named CASE_PICTURE.png, each a CT."""

    name, site = "scans", "folder"

    def __init__(self, folder):
        self.origin = str(folder)
        self.files = {path.stem: path for path in sorted(folder.glob("*.png"))}

    def cases(self):
        for index, case in enumerate(dict.fromkeys(name.split("_")[0] for name in self.files)):
            tac = [name for name in self.files if name.startswith(f"{case}_")]
            told = {"U_id": case, "TAC": tac, "MRI": [], "Case": {"Title": case}, "Topic": {}}
            yield index, check_case(told, self.case_file, index)

    def images(self, cases=()):
        for index, name in enumerate(self.files):
            told = {
                "Type": "CT", "U_id": name.split("_")[0], "image": name,
                "Description": {"Caption": name}, "Location": None, "Location Category": None,
            }  # fmt: skip
            yield index, check_image(told, self.image_file, index)

    @property
    def pictures(self):
        return self.files


def write(folder, *names):
    folder.mkdir(exist_ok=True)
    for at, name in enumerate(names):
        Image.new("L", (8 + at, 8), 40 * at).save(folder / f"{name}.png")
    return Folder(folder)


def test_a_source_of_ones_own_builds_again_and_with_what_has_changed(tmp_path, fresh_home):
    done = build(fresh_home, write(tmp_path / "scans", "A_1", "A_2", "B_1"))
    assert (done.cases.new, done.images.new, done.problems.total()) == (2, 3, 0)
    assert build(fresh_home, Folder(tmp_path / "scans")).unchanged
    (tmp_path / "scans" / "B_1.png").unlink()
    done = build(fresh_home, write(tmp_path / "scans", "C_1"))
    assert (done.cases.new, done.images.new) == (1, 1)
    with open_store(fresh_home) as store:
        status = {row["_id"]: row["meta"]["status"] for row in store.current.find()}
        assert status["B"] == status["B_1"] == "withdrawn"
        assert status["A"] == status["C_1"] == "accepted"
        source = store.cases.find_one({"_id": "A"})["source"]
        told = {"site": "folder", "name": "scans", "origin": str(tmp_path / "scans")}
        assert told.items() <= source.items()


def test_a_source_of_ones_own_has_nothing_that_it_does_not_say(tmp_path):
    made = write(tmp_path / "scans", "A_1")
    assert (made.split_lists(), made.overview(), list(made.split_documents("train"))) == (
        {}, None, [],
    )  # fmt: skip
    assert made.lasting

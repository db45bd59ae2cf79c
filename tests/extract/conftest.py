"""A published copy made by hand: a few cases, tiny pictures, and whatever a test breaks in it."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from medpix2.extract.published import PublishedCopy, open_copy

COLUMNS = ("Type", "U_id", "ID_Image", "Img_Large", "URL_Article_image")


def case(name: str, ct: list[str] = (), mr: list[str] = (), **more: Any) -> dict[str, Any]:
    """Return a sound case document."""
    return {
        "U_id": name, "TAC": list(ct), "MRI": list(mr),
        "Case": {"Title": f"Case {name}", "Findings": "N/A"},
        "Topic": {"Title": "Ménière", "Keywords": None}, **more,
    }  # fmt: skip


def image(name: str, modality: str = "CT", u_id: str | None = None, **more: Any) -> dict[str, Any]:
    """Return a sound image document; its case is the part before the underscore."""
    return {
        "Type": modality, "U_id": u_id or name.split("_")[0], "image": name,
        "Description": {"Age": "42", "Sex": "female", "Plane": None},
        "Location": "Spine", "Location Category": "Spine and Muscles", **more,
    }  # fmt: skip


@dataclass
class Copy:
    """Three sound cases with four pictures, to be broken and written."""

    folder: Path
    cases: list[Any] = field(
        default_factory=lambda: [
            case("A", ["A_1", "A_2"]), case("B", [], ["B_1"]), case("C", ["C_1"]),
        ]
    )  # fmt: skip
    images: list[Any] = field(
        default_factory=lambda: [
            image("A_1"), image("A_2"), image("B_1", "MR"), image("C_1"),
        ]
    )  # fmt: skip
    pictures: set[str] = field(default_factory=lambda: {"A_1", "A_2", "B_1", "C_1"})
    lists: dict[str, Any] | None = field(
        default_factory=lambda: {
            "train": ["A", "B"], "dev": ["C"], "train_1": ["A"], "train_2": ["B"],
        }
    )  # fmt: skip
    rows: list[tuple[str, ...]] | None = field(
        default_factory=lambda: [
            (
                kind,
                name[0],
                name,
                f"https://openi/{name}.png",
                f"https://medpix/case?id=uuid-{name}",
            )
            for kind, name in (("TAC", "A_1"), ("TAC", "A_2"), ("MRI", "B_1"), ("TAC", "C_1"))
        ]
    )

    def write(self) -> Copy:
        """Write it in the published layout."""
        splits, pictures = self.folder / "splitted_dataset", self.folder / "images"
        for folder in (self.folder, splits, pictures):
            folder.mkdir(parents=True, exist_ok=True)
        self.put("Case_topic.json", json.dumps(self.cases, indent=1))
        self.put("Descriptions.json", json.dumps(self.images))
        for n, name in enumerate(sorted(self.pictures)):
            Image.new("L", (8 + n, 8), 40 * n).save(pictures / f"{name}.png")
        if self.lists is not None:
            self.put("splitted_dataset/uid_list.json", json.dumps(self.lists))
        if self.rows is not None:
            with (self.folder / "images_overview.csv").open("w", newline="") as file:
                csv.writer(file).writerows([COLUMNS, *self.rows])
        return self

    def put(self, name: str, content: str | bytes) -> Copy:
        """Write one of its files."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return self

    def open(self) -> PublishedCopy:
        """Open what was written."""
        return open_copy(self.folder)


@pytest.fixture
def copy(tmp_path) -> Copy:
    """Return a sound copy that is not written yet."""
    return Copy(tmp_path / "copy")


@pytest.fixture
def a_case():
    """Return the maker of sound cases."""
    return case


@pytest.fixture
def an_image():
    """Return the maker of sound images."""
    return image

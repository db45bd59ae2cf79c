from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from medpix2.curate.vocabulary import case_facts, image_facts
from medpix2.export.content import ExportCase, Picture
from medpix2.export.format import Wishes
from medpix2.export.formats import FORMATS
from medpix2.export.writing import write_export


@dataclass
class Small:
    """A content of a few cases whose pictures are tiny; to be changed by a test."""

    folder: Path
    name: str = "small"
    held: list[ExportCase] = field(default_factory=list)
    iterations: int = 0

    def cases(self) -> Iterator[ExportCase]:
        """Yield the cases."""
        self.iterations += 1
        yield from list(self.held)

    def add(
        self, name: str, *, ct: int = 0, mr: int = 0, split: str | None = "train"
    ) -> ExportCase:
        """Add a case with some pictures."""
        ids = {kind: [f"{name}_{kind.lower()}{n}" for n in range(number)]
               for kind, number in (("CT", ct), ("MR", mr))}  # fmt: skip
        half = "train_1" if split == "train" else None
        case: dict[str, Any] = {
            "_id": name, "U_id": name, "TAC": ids["CT"], "MRI": ids["MR"],
            "Case": {"Title": f"=Title of {name}", "History": "A cough/fever.", "Findings": "N/A"},
            "Topic": {"Title": "Ménière", "Category": "Trauma", "Keywords": "Old HeartYoung Lung"},
        }  # fmt: skip
        beside = {"split": split, "split_half": half, "status": "accepted", "corrected": []}
        case["meta"] = {**beside, "kind": "case", "normalized": case_facts(case).model_dump()}
        pictures = [self._picture(case, kind, image, beside) for kind in ids for image in ids[kind]]
        self.held.append(ExportCase(case, pictures))
        return self.held[-1]

    def _picture(
        self, case: dict[str, Any], kind: str, name: str, beside: dict[str, Any]
    ) -> Picture:
        path = self.folder / f"{name}.png"
        level = len(list(self.folder.iterdir())) * 7 % 256
        Image.new("RGB", (24, 16), (level, 40, 90)).save(path)
        content = path.read_bytes()
        image: dict[str, Any] = {
            "_id": name, "Type": kind, "U_id": case["U_id"], "image": name,
            "Description": {"Age": "40", "Sex": "male", "Plane": "Axial", "Caption": "-1 ° of a/b",
                            "Modality": "CT" if kind == "CT" else "MR - FLAIR"},
            "Location": "Brain", "Location Category": "Head",
        }  # fmt: skip
        file = {
            "path": path.name, "sha256": hashlib.sha256(content).hexdigest(), "width": 24,
            "height": 16, "mode": "RGB", "bytes": len(content), "phash": "0" * 16,
        }  # fmt: skip
        facts = image_facts(image).model_dump()
        image["meta"] = {**beside, "kind": "image", "normalized": facts, "file": file}
        return Picture(image, path)

    def changed(self, at: int, **meta: Any) -> None:
        """Change what is computed of a case and its pictures."""
        case = self.held[at]

        def with_meta(document: Any) -> dict[str, Any]:
            return {**document, "meta": {**document["meta"], **meta}}

        self.held[at] = ExportCase(
            with_meta(case.document),
            [replace(p, document=with_meta(p.document)) for p in case.pictures],
        )


@pytest.fixture
def small(tmp_path: Path) -> Small:
    """Return seven cases with twelve pictures: train, dev and no split."""
    folder = tmp_path / "small"
    folder.mkdir()
    content = Small(folder)
    for n, split in enumerate(("train", "train", "dev", "train", None, "dev", "train")):
        content.add(f"MPX100{n}", ct=2 if n % 2 else 1, mr=n % 2, split=split)
    return content


@pytest.fixture
def run_examples() -> Callable[[str, Path], list[str]]:
    """Return what runs the Python examples of a page of docs/export on an export."""

    def run(page: str, folder: Path) -> list[str]:
        text = (Path(__file__).parents[2] / "docs" / "export" / page).read_text("utf-8")
        examples = re.findall(r"^```python\n(.*?)^```", text, re.S | re.M)
        said = []
        for example in examples:
            done = subprocess.run(
                [sys.executable, "-c", example.replace("FOLDER", str(folder))],
                capture_output=True, text=True, cwd=folder, check=False,
            )  # fmt: skip
            assert done.returncode == 0, f"{example}\n{done.stderr}"
            said.append(done.stdout)
        return said

    return run


@pytest.fixture
def told(small: Small) -> Small:
    """Return the small content with texts in every field, and labels that differ."""
    words = {
        "History": "A cough.", "Exam": "Pale.", "Findings": "A mass in the lung.",
        "Differential Diagnosis": "Aspergilloma", "Case Diagnosis": "Hamartoma, chondroid",
        "Diagnosis By": "Biopsia", "Treatment & Follow Up": "Lobectomia", "Discussion": "Discussum",
        "Title": "Hamartoma",
    }  # fmt: skip
    topic = {
        "Title": "Chondroma", "Disease Discussion": "Morbus", "ACR Code": "6.31",
        "Category": "Neoplasma", "Keywords": "Verbum", "Reference": "Liber",
        "External Links": "nexus.example",
    }  # fmt: skip
    for at, case in enumerate(small.held):
        pictures = []
        for n, picture in enumerate(case.pictures):
            image = dict(picture.document)
            plane = ("Axial", "Coronal", "N/A")[(at + n) % 3]
            image["Description"] = {**image["Description"], "Plane": plane, "ACR Codes": "6.31"}
            image["meta"] = {**image["meta"], "normalized": image_facts(image).model_dump()}
            pictures.append(replace(picture, document=image))
        document = {**case.document, "Case": words, "Topic": topic}
        document["meta"] = {**document["meta"], "normalized": case_facts(document).model_dump()}
        small.held[at] = ExportCase(document, pictures)
    return small


@pytest.fixture
def exported(told: Small, tmp_path: Path) -> Callable[..., Path]:
    """Return what exports the content `told` in a format, and gives the folder."""

    def export(name: str, **wishes: Any) -> Path:
        out = tmp_path / f"as_{name}"
        return write_export(FORMATS[name], told, Wishes(**wishes), out).folder

    return export


@pytest.fixture
def run_example(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str, Path], dict[str, Any]]:
    """Return what runs the Python example of a format's page on an export; gives its names."""

    def run(name: str, folder: Path) -> dict[str, Any]:
        page = (Path(__file__).parents[2] / "docs" / "export" / f"{name}.md").read_text("utf-8")
        example = page.partition("```python\n")[2].partition("```")[0]
        assert "FOLDER" in example
        names: dict[str, Any] = {}
        if "datasets" in example:
            import datasets

            monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
        exec(example.replace("FOLDER", str(folder)), names)
        return names

    return run

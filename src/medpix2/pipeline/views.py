"""A case and a picture as the Python API shows them, in a script and in a notebook."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from medpix2.export.content import ExportCase, Picture
from medpix2.export.format import Wishes
from medpix2.export.joined import case_with_pictures, pictures_with_case
from medpix2.export.pictures import wished
from medpix2.export.rows import CASE_FIELDS
from medpix2.export.texts import facts_of, patient_of
from medpix2.pipeline.find import published

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from PIL.Image import Image

THUMBNAIL = 180  # pixels of the longest side, in a notebook
SHOWN_PICTURES = 12
SHOWN_TEXTS = (
    "history", "exam", "findings", "differential_diagnosis", "case_diagnosis", "diagnosis_by",
    "treatment", "discussion", "disease_discussion",
)  # fmt: skip


@dataclass(frozen=True)
class ImageView:
    """One picture.

    `image["plane"]` gives a field of its row: its labels, its caption, the texts of its case; see
    docs/export.md for their names.

    Attributes
    ----------
    id, case_id
        Ids of the picture and of its case.
    path
        Its file.
    row
        All fields.
    document
        Its document in the published shape.
    """

    id: str
    case_id: str
    path: Path
    row: Mapping[str, Any] = field(repr=False)
    document: Mapping[str, Any] = field(repr=False)
    picture: Picture = field(repr=False)

    def __getitem__(self, name: str) -> Any:
        return self.row[name]

    def pil(
        self, mode: str | None = None, burned_in: Literal["mask", "crop", "keep"] = "keep"
    ) -> Image:
        """Return the picture as a PIL image, in a mode ("L", "RGB") or as it is.

        `burned_in` says what becomes of text that is burned into it.

        Raises
        ------
        OutputError
            Its file is not there, or is no picture.
        """
        from PIL import Image

        with Image.open(io.BytesIO(wished(self.picture, Wishes(burned_in=burned_in)).read())) as it:
            it.load()
            return it if mode is None or it.mode == mode else it.convert(mode)

    def numpy(self, mode: str | None = None) -> npt.NDArray[np.uint8]:
        """Return the picture as an array: (height, width), or (height, width, channels)."""
        import numpy as np

        return np.asarray(self.pil(mode))

    def _repr_html_(self) -> str:
        return f"<figure>{_thumbnail(self)}<figcaption>{_caption(self)}</figcaption></figure>"


@dataclass(frozen=True)
class CaseView:
    """One case with its pictures; a notebook shows it as a page.

    `case["title"]` gives a field of its row; see docs/export.md for their names.

    Attributes
    ----------
    id
        Its id.
    row
        All fields.
    document
        Its document in the published shape.
    """

    id: str
    row: Mapping[str, Any] = field(repr=False)
    document: Mapping[str, Any] = field(repr=False)
    content: ExportCase = field(repr=False)

    def __getitem__(self, name: str) -> Any:
        return self.row[name]

    @cached_property
    def images(self) -> tuple[ImageView, ...]:
        """Its pictures."""
        rows = pictures_with_case(self.content, [None] * len(self.content.pictures))
        return tuple(
            ImageView(
                id=row["image_id"],
                case_id=self.id,
                path=picture.path,
                row=row,
                document=published(picture.document),
                picture=picture,
            )
            for picture, row in zip(self.content.pictures, rows, strict=True)
        )

    def _repr_html_(self) -> str:
        facts = [self.id, patient_of(self.row), self.row["location"], self.row["split"]]
        figures = "".join(
            f"<div style='width:{THUMBNAIL}px'>{_thumbnail(image)}<br>"
            f"<small>{_caption(image)}</small></div>"
            for image in self.images[:SHOWN_PICTURES]
        )
        more = len(self.images) - SHOWN_PICTURES
        return (
            f"<h3>{_escaped(self.row['title'] or self.id)}</h3>"
            f"<p>{_escaped(', '.join(str(fact) for fact in facts if fact))}</p>"
            f"<div style='display:flex;flex-wrap:wrap;gap:12px'>{figures}</div>"
            + (f"<p>... and {more} more pictures</p>" if more > 0 else "")
            + "".join(_section(self, name) for name in SHOWN_TEXTS)
        )


def case_view(case: ExportCase) -> CaseView:
    """Return a case as the API shows it."""
    row = case_with_pictures(case)
    return CaseView(row["case_id"], row, published(case.document), case)


_HEADINGS = {one.name: one.name.replace("_", " ").capitalize() for one in CASE_FIELDS}


def _section(case: CaseView, name: str) -> str:
    text = case.row[name]
    if not text:
        return ""
    return f"<p><b>{_HEADINGS[name]}</b><br>{_escaped(text)}</p>"


def _caption(image: ImageView) -> str:
    return _escaped(image.row["caption"] or facts_of(image.row))


def _thumbnail(image: ImageView) -> str:
    target = io.BytesIO()
    small = image.pil("RGB")
    small.thumbnail((THUMBNAIL, THUMBNAIL))
    small.save(target, "JPEG", quality=85)
    data = base64.b64encode(target.getvalue()).decode()
    name = html.escape(image.id, quote=True)
    return f"<img alt='{name}' title='{name}' src='data:image/jpeg;base64,{data}'>"


def _escaped(text: str) -> str:
    return html.escape(text).replace("\n", "<br>")

"""The Python API: open a database, find, and take cases and pictures as Python has them.

with medpix2.open() as data:
    for case in data.find("meningioma", modality="MR").cases():
        print(case.id, case["title"], len(case.images))
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from medpix2.errors import NotFound
from medpix2.export.content import Content
from medpix2.pipeline.content import StoreContent
from medpix2.pipeline.filtered import Filtered
from medpix2.pipeline.find import show
from medpix2.pipeline.releasing import ReleaseContent
from medpix2.pipeline.selecting import resolved
from medpix2.pipeline.summary import ANY_STATUS
from medpix2.pipeline.views import CaseView, ImageView, case_view
from medpix2.settings import load_settings
from medpix2.store.database import Store, open_store
from medpix2.store.facets import Filters, Value

if TYPE_CHECKING:
    import datasets
    import pandas
    import pyarrow

    from medpix2.pipeline.frames import Table, TorchPictures, Transform

Wanted = Value | Sequence[Value]


class Selection:
    """Some cases and their pictures, read anew at each use, in the order of the cases' ids."""

    def __init__(self, content: Content, said: str) -> None:
        self._content, self._said = content, said

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._said}>"

    def cases(self) -> Iterator[CaseView]:
        """Yield the cases, each with those of its pictures that fit."""
        for case in self._content.cases():
            yield case_view(case)

    def images(self) -> Iterator[ImageView]:
        """Yield the pictures."""
        for case in self.cases():
            yield from case.images

    def to_arrow(self, table: Table = "images") -> pyarrow.Table:
        """Return one row a picture (with its case), or with `"cases"` one row a case."""
        from medpix2.pipeline.frames import arrow_table

        return arrow_table(self._content, table)

    def to_pandas(self, table: Table = "images") -> pandas.DataFrame:
        """Return the rows of `to_arrow` as a data frame."""
        frame: pandas.DataFrame = self.to_arrow(table).to_pandas()
        return frame

    def to_dataset(self, table: Table = "images") -> datasets.Dataset:
        """Return the rows as a Hugging Face data set; pictures are opened when they are asked for.

        The column `image` (or `images`) has the pictures, labels are `ClassLabel`.
        """
        from medpix2.pipeline.frames import hf_dataset

        return hf_dataset(self._content, table)

    def to_torch(
        self,
        labels: Sequence[str] = ("modality", "location_category"),
        transform: Transform | None = None,
        burned_in: Literal["mask", "crop", "keep"] = "keep",
    ) -> TorchPictures:
        """Return a torch data set of the pictures.

        An item is a dict: `image` (what `transform` makes of the PIL image, by default a uint8
        tensor of shape (3, height, width)), `image_id`, `case_id`, and for each label its class,
        -1 where it is missing; `classes` of the data set names them.
        """
        from medpix2.pipeline.frames import TorchPictures

        return TorchPictures(self._content, labels, transform, burned_in)


class Collection(Selection):
    """An open database: all its accepted and pending cases, and what finds some of them.

    Use it in a `with` block, or call `close` when you are done.
    """

    def __init__(self, store: Store, stack: ExitStack) -> None:
        super().__init__(StoreContent(store), f"{store.db.name} ({store.settings.server})")
        self._store = store
        self._end = weakref.finalize(self, stack.close)  # also where the program just ends

    def __enter__(self) -> Collection:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the database."""
        self._end()

    def find(
        self,
        text: str = "",
        *,
        age: tuple[float | None, float | None] | None = None,
        **filters: Wanted,
    ) -> Selection:
        """Choose cases by words and by facets of their pictures, as `medpix2 find` does.

        Parameters
        ----------
        text
            Words that must all occur in a case, "phrases", and -without.
        age
            Lowest and highest age in years; None leaves a side open.
        filters
            `modality`, `sequence`, `contrast`, `plane`, `location`, `location_category`, `sex`,
            `category`, `split`, `split_half`, `status` ("any" for all), `site`: a value, or a list
            of values of which any will do; None asks for a missing one.

        Raises
        ------
        QueryError
            A facet or value that does not exist; a near one is named.
        """
        chosen = resolved(self._store, Filters(_values(filters), age))
        said = [self._said, *([repr(text)] if text else []), *_asked(age, filters)]
        return Selection(StoreContent(self._store, chosen, text), " ".join(said))

    def case(self, name: str) -> CaseView:
        """Return a case by its id or that of one of its pictures, whatever their status.

        Raises
        ------
        NotFound
            There is none; near ones are named.
        """
        from medpix2.export.content import ExportCase, Picture
        from medpix2.pipeline.content import picture_path

        found = show(self._store, name)
        if found.case is None:
            raise NotFound(f"The source does not describe the case of {name!r}", "take another")
        pictures = [
            Picture(image, picture_path(self._store.settings, image["meta"]["file"]))
            for image in found.images
            if image["meta"]["file"]
        ]
        return case_view(ExportCase(found.case, pictures))

    def release(
        self,
        name: str,
        *,
        age: tuple[float | None, float | None] | None = None,
        **filters: Wanted,
    ) -> Selection:
        """Return what a release has, as it was frozen: the same however the database moves on.

        `age` and `filters` choose within it as those of `find` do.

        Raises
        ------
        ReleaseError
            There is none of this name; a near one is named.
        QueryError
            A facet that does not exist.
        """
        content = ReleaseContent(self._store.settings, name)
        chosen = Filtered(content, Filters(_values(filters), age))
        return Selection(chosen, " ".join([f"release {name}", *_asked(age, filters)]))


def open_collection(where: str | Path | None = None, *, database: str | None = None) -> Collection:
    """Open a database.

    Parameters
    ----------
    where
        A home folder, or the URL of a MongoDB server ("mongodb://..."); by default what the
        settings say (`MEDPIX2_HOME`, `MEDPIX2_MONGO_URL`).
    database
        Name of the database.

    Raises
    ------
    StoreError
        It cannot be opened, or nothing was built.
    """
    options: dict[str, object | None] = {"database": database}
    if where is not None:
        is_url = str(where).startswith(("mongodb://", "mongodb+srv://"))
        options["mongo_url" if is_url else "home"] = str(where)
    stack = ExitStack()
    try:
        store = stack.enter_context(open_store(load_settings(options), create=False))
        store.require_content()
    except BaseException:
        stack.close()
        raise
    return Collection(store, stack)


def _values(filters: Mapping[str, Wanted]) -> dict[str, Sequence[Value]]:
    found: dict[str, Sequence[Value]] = {}
    for name, wanted in filters.items():
        values = [wanted] if wanted is None or isinstance(wanted, str | int) else list(wanted)
        found[name] = list(ANY_STATUS) if name == "status" and "any" in values else values
    return found


def _asked(age: object, filters: Mapping[str, Wanted]) -> list[str]:
    said = [f"{name}={wanted!r}" for name, wanted in filters.items()]
    return [*said, *([f"age={age}"] if age else [])]

"""What a format is: how a part of an export is written, and how its parts become one.

An export is a sequence of parts. A part is a batch of whole cases; it is written by itself, in any
order and on any core, and from its content and the wishes alone, so that an export that was killed
goes on with the parts that are not there. When all parts are there, a last step in one process
writes what needs them all: index files, the names of shards that say how many there are, the card.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from medpix2.errors import OutputError

if TYPE_CHECKING:
    from medpix2.export.content import ExportCase
    from medpix2.export.output import Output

BurnedIn = Literal["mask", "crop", "keep"]
ImageFormat = Literal["png", "jpeg", "webp"]
UNSPLIT = "all"  # the split of a case that is in none
MIB = 1 << 20


@dataclass(frozen=True)
class Wishes:
    """How an export is wished; equal wishes of an equal content give equal bytes.

    Attributes
    ----------
    fields
        Names of the fields (`medpix2.export.rows`); () for all that the format has.
    image_size
        The longest side of a picture in pixels, at most; smaller ones are never enlarged.
    image_format
        What pictures are encoded as; None leaves them as they are.
    rgb
        Pictures of three channels, whatever they were.
    burned_in
        What becomes of text that is burned into a picture.
    as_published
        The values of the source instead of corrected ones (the content has them already).
    shard_size
        Bytes of pictures after which a sharded format begins the next shard.
    seed
        Where a format draws by chance: of what.
    pictures
        Whether picture files are exported; only where `Format.tables`.
    """

    fields: tuple[str, ...] = ()
    image_size: int | None = None
    image_format: ImageFormat | None = None
    rgb: bool = False
    burned_in: BurnedIn = "keep"
    as_published: bool = False
    shard_size: int = 256 * MIB
    seed: int = 0
    pictures: bool = True

    @property
    def decodes(self) -> bool:
        """Whether pictures must be decoded: if not, their files are copied as they are."""
        changes = (self.image_size, self.image_format, self.rgb, self.burned_in != "keep")
        return self.pictures and any(changes)


@dataclass(frozen=True)
class Part:
    """A batch of whole cases that is written by itself.

    Attributes
    ----------
    number
        From 0, over the whole export.
    split
        The split of all its cases (`UNSPLIT` for none) where the format parts splits, else None.
    cases
        Its cases, in the order of the content.
    """

    number: int
    split: str | None
    cases: Sequence[ExportCase]


@dataclass(frozen=True)
class Written:
    """What was written of a part.

    Attributes
    ----------
    number, split
        Of the part.
    files
        Name in the export (with `/`) to its SHA-256 and its size in bytes.
    counts
        What the format counted with `Output.count`.
    """

    number: int
    split: str | None
    files: Mapping[str, tuple[str, int]]
    counts: Mapping[str, int]


class Parts(Protocol):
    """All parts of an export, for its last step.

    Attributes
    ----------
    name
        Name of the content.
    wishes
        How it was wished.
    counts
        Sum of what the parts counted with `Output.count`, and of what is counted for every format:
        `cases`, `images`, `cases:SPLIT`, `images:SPLIT`, `modality:CT`, `location_category:Head`,
        `status:accepted`, `pictures:changed`, `pictures:masked`.
    """

    @property
    def name(self) -> str: ...  # noqa: D102 - described above

    @property
    def wishes(self) -> Wishes: ...  # noqa: D102

    @property
    def counts(self) -> Mapping[str, int]: ...  # noqa: D102

    def __iter__(self) -> Iterator[Written]:
        """Yield the parts in their order; they are read from disk, each time anew."""

    def splits(self) -> list[str]:
        """Return the splits that have cases: train, dev, test first, `UNSPLIT` last."""


@dataclass(frozen=True)
class Card:
    """What a format adds to the data set card.

    Attributes
    ----------
    use
        Markdown: how the export is loaded, what lies where.
    front
        Further keys of the YAML front matter (`configs`, `dataset_info`, ...).
    fields
        Name of each field to its type and its description.
    limits
        Known limits that this format adds, a sentence each.
    """

    use: str
    front: Mapping[str, Any] = field(default_factory=dict)
    fields: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    limits: Sequence[str] = ()


@dataclass(frozen=True)
class Seen:
    """A case or a picture as a finished export has it, for `medpix2 check`.

    Attributes
    ----------
    where
        File, and row or entry of it: "images.csv row 7".
    kind
        "case" or "image"; another word where a format has the same id in several tables
        ("case in the configuration cases"). Ids are unique within a kind.
    id
        Its id.
    case
        Id of its case.
    split
        The split that it stands in; None where the format says none.
    labels
        Name of a field of `rows` to its value, for those that have known values; None if missing.
    picture
        The picture's file, or its content; None where there is none.
    """

    where: str
    kind: str
    id: str
    case: str
    split: str | None = None
    labels: Mapping[str, str | None] = field(default_factory=dict)
    picture: Path | bytes | None = None


@dataclass(frozen=True)
class Format:
    """A format in which data are taken.

    `write` and `finish` must be functions of a module (they travel to worker processes), import
    their libraries inside, and write through the `Output` alone. Their bytes must depend on
    nothing but the part, the wishes and the versions of the libraries: no clock, no path, no order
    of a set, no random number that is not drawn from the wishes' seed and an id.

    Attributes
    ----------
    name
        The word of the command line.
    what
        One sentence for the help.
    write
        Writes a part.
    finish
        Writes what needs all parts; returns what goes into the card.
    version
        Raised when the bytes of the format change: an export of another version is begun anew.
    tables
        Whether it is of use without picture files, so that `Wishes.pictures` may be false.
    decodes
        Whether it decodes pictures whatever the wishes: then processes write its parts.
    bare
        Whether it has cases without pictures.
    burned_in
        What becomes of burned-in text if the user does not say.
    by_split
        Whether a part has cases of one split only.
    sharded
        Whether a part ends at `Wishes.shard_size` bytes of pictures.
    cases_a_part
        A part ends at this number of cases at the latest.
    fields
        Names that `--fields` may have; () where the format takes no choice of fields.
    read
        Reads a finished export back for `medpix2 check`: yields every case and picture that is in
        it, one after the other, with memory that stays flat. What cannot be read is raised as a
        `ValueError`, `KeyError` or `OSError`; hashes, ids, splits, labels and pictures are checked
        by the caller.
    """

    name: str
    what: str
    write: Callable[[Part, Wishes, Output], None]
    finish: Callable[[Parts, Output], Card]
    version: int = 1
    tables: bool = False
    decodes: bool = False
    bare: bool = True
    burned_in: BurnedIn = "mask"
    by_split: bool = False
    sharded: bool = False
    cases_a_part: int = 64
    fields: Sequence[str] = ()
    read: Callable[[Path], Iterator[Seen]] | None = None


def lacking(error: ModuleNotFoundError) -> OutputError:
    """Return the error of a library that a format needs and that is not installed."""
    return OutputError(
        f"This format needs {error.name}, which is not installed", 'pip install "medpix2[export]"'
    )

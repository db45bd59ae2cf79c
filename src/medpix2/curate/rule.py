"""What a rule is: a small pure check with a name, a version, a severity and its reason.

A `Rule` sees one case at a time. A `SetRule` sees all of them, one after the other, and says at the
end what it found. Neither knows a database or a file: `pipeline` brings the cases and stores the
findings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from medpix2.records import Severity


@dataclass(frozen=True)
class Subject:
    """One case as rules see it: what the source says, and what was seen in the pictures.

    Attributes
    ----------
    id
        Id of the case.
    case
        Stored source document: published keys, and `source`, `normalized` beside them; None where
        the source has pictures of a case that it does not describe.
    images
        Stored source documents of its images: published keys, `source`, `normalized`, and `file`
        (None where there is no usable picture).
    looked
        Id of an image to the name of a look to what it saw; see `curate.look`.
    """

    id: str
    case: Mapping[str, Any] | None
    images: Sequence[Mapping[str, Any]]
    looked: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Hit:
    """What a rule found on a case or image.

    Attributes
    ----------
    target
        Id of the case or image.
    message
        What was seen, for a person: one short line.
    field
        Published field that it is about, with dots ("Description.Caption").
    evidence
        What was seen, as data: a value, another id, a box [left, top, right, bottom] in pixels.
    case
        Id of the target's case; a `Rule` may leave it out.
    """

    target: str
    message: str
    field: str | None = None
    evidence: Mapping[str, Any] | None = None
    case: str | None = None


@dataclass(frozen=True)
class Rule:
    """A check of one case.

    Attributes
    ----------
    name
        Of lower-case words with hyphens, for ever the same.
    version
        Raised whenever the rule may find something else in the same case.
    severity
        exclude, review (a person has to decide) or note.
    looks_at
        Fields and looks that it reads, for the table of rules.
    why
        One sentence: why it matters to a user of the data.
    check
        The check.
    """

    name: str
    version: int
    severity: Severity
    looks_at: str
    why: str
    check: Callable[[Subject], Iterable[Hit]]


class Gathering(Protocol):
    """What a `SetRule` remembers while all cases pass by."""

    def add(self, subject: Subject) -> None:
        """See one case."""

    def hits(self) -> Iterable[Hit]:
        """Return what was found, after the last case; every hit names its `case`."""


@dataclass(frozen=True)
class SetRule:
    """A check over all cases; attributes as those of `Rule`, but for `gather`.

    Attributes
    ----------
    gather
        Begins a new gathering.
    """

    name: str
    version: int
    severity: Severity
    looks_at: str
    why: str
    gather: Callable[[], Gathering]

"""Invented authors of cases: none of them is a real person, and no address is anybody's."""

from __future__ import annotations

from typing import NamedTuple

from medpix2.phantom import words
from medpix2.phantom.sites.chance import pick, share


class Person(NamedTuple):
    """An author or approver."""

    first: str
    last: str
    affiliation: str

    @property
    def email(self) -> str:
        """An address in a domain that is kept for examples."""
        return f"{self.first}.{self.last}@example.org".lower()

    @property
    def cited(self) -> str:
        """The name as Open-i writes it."""
        return f"{self.last} {self.first[0]}"

    def fields(self, role: str) -> dict[str, str]:
        """Return MedPix's five fields of a person in a role, e.g. authorName."""
        return {
            f"{role}ID": f"{int(share(self.email) * 1e6)}",
            f"{role}Name": f"{self.first} {self.last}, M.D.",
            f"{role}Affiliation": self.affiliation,
            f"{role}Image": f"/images/people/{self.last.lower()}.jpg",
            f"{role}Email": self.email,
        }


def person(uid: str, role: str) -> Person:
    """Return who has a role in a case; the same every time."""
    return Person(
        pick(words.FIRST, uid, role, "first"),
        pick(words.LAST, uid, role, "last"),
        pick(words.INSTITUTIONS, uid, role, "at"),
    )

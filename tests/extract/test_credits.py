from __future__ import annotations

from medpix2.extract.credits import credits_of
from medpix2.records import Credit

MEDPIX = {
    "authorName": "Jo Doe", "authorAffiliation": "A &amp; B", "authorEmail": "jo@example.org",
    "approverName": "Al Roe", "contributorsCSV": "Cy, Di <cy@example.org>",
}  # fmt: skip


def test_medpix_credits_people_and_no_email_is_kept() -> None:
    assert credits_of(MEDPIX, {"authors": "Doe JD"}) == (
        Credit(role="author", name="Jo Doe", affiliation="A & B"),
        Credit(role="approver", name="Al Roe"),
        Credit(role="contributor", name="Cy, Di <[e-mail removed]>"),
    )


def test_openi_names_the_author_where_medpix_does_not() -> None:
    assert credits_of({}, {"authors": "Doe JD", "affiliate": "A"}) == (
        Credit(role="author", name="Doe JD", affiliation="A"),
    )


def test_nobody_is_credited_where_nobody_is_named() -> None:
    assert credits_of({"authorName": None, "authorAffiliation": "A"}, {}) == ()

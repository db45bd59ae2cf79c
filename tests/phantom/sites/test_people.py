import re

from medpix2.phantom.sites.people import person


def test_people_stay_the_same_and_their_addresses_are_nobodys():
    people = [person(f"MPX{n}", role) for n in range(50) for role in ("author", "approver")]
    assert people == [person(f"MPX{n}", role) for n in range(50) for role in ("author", "approver")]
    assert len(set(people)) > 20
    assert all(re.fullmatch(r"[a-z]+\.[a-z]+@example\.org", who.email) for who in people)


def test_the_fields_of_a_role():
    fields = person("MPX1", "author").fields("author")
    assert list(fields) == [
        "authorID", "authorName", "authorAffiliation", "authorImage", "authorEmail",
    ]  # fmt: skip

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medpix2.extract.redact import TOKEN, redact, redact_text

words = st.text(st.sampled_from("abcXYZ019._-"), min_size=1, max_size=12)
names = words.map(lambda word: f"q{word}q")
hosts = st.lists(st.text(st.sampled_from("abz09"), min_size=1, max_size=8), min_size=1, max_size=3)
ats = st.sampled_from(["@", "%40", "&#64;", "&#x40;", "&commat;", "&amp;#64;"])
emails = st.builds(lambda n, at, h: f"{n}{at}{'.'.join(h)}.org", names, ats, hosts)
around = st.text(st.characters(codec="utf-8"), max_size=20).map(lambda text: f"{text} ")
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | emails,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(around, emails)
def test_no_address_survives_in_text(before: str, email: str) -> None:
    clean = redact_text(f"{before}{email} after")
    assert email not in clean
    assert TOKEN in clean
    assert clean.endswith(" after")
    assert redact_text(clean) == clean


@given(around, emails, st.booleans(), st.sampled_from(["utf-8", "utf-8-sig", "utf-16-le"]))
def test_no_address_survives_in_json(before: str, email: str, ascii: bool, encoding: str) -> None:
    answer = {"text": f"{before}{email}", "n": [1.50, None, before], "authorEmail": "Jo at home"}
    body, count = redact(json.dumps(answer, ensure_ascii=ascii).encode(encoding))
    clean = json.loads(body.decode(encoding))
    assert count >= 2
    assert email not in clean["text"]
    assert TOKEN in clean["text"]
    assert clean["authorEmail"] == TOKEN
    assert clean["n"][:2] == [1.5, None]


@given(values, st.booleans())
def test_json_stays_json_and_a_second_pass_changes_nothing(value: object, ascii: bool) -> None:
    body = json.dumps(value, ensure_ascii=ascii).encode("utf-8", "surrogatepass")
    clean, _ = redact(body)
    if "\\ud" not in repr(body):
        json.loads(clean.decode("utf-8", "surrogatepass"))
    assert redact(clean) == (clean, 0)


@given(st.binary() | st.text().map(lambda text: f"{{{text}@x.org".encode("utf-8", "replace")))
def test_any_bytes_are_taken_and_redacted_once(body: bytes) -> None:
    clean, _ = redact(body)
    assert redact(clean) == (clean, 0)


@pytest.mark.parametrize(
    "text",
    [
        "a lesion of 3@4 mm", "3@4.5 mm", "@radiologist on a forum", "flow @ 20 ml/s",
        "http://www.flickr.com/photos/23@N08/1", "T1@3T", "100%40", "write to mail or e-mail",
    ],
)  # fmt: skip
def test_what_is_no_address_stays(text: str) -> None:
    assert redact_text(text) == text
    assert redact(json.dumps({"a": text}).encode()) == (json.dumps({"a": text}).encode(), 0)


def test_only_addresses_change_and_escapes_stay_as_written() -> None:
    body = rb'{ "a" : "M\u00fcller\njo@example.org\/x \"q\"",  "b":1e2, "c": "j\u0040example.org" }'
    token = TOKEN.encode()
    clean = rb'{ "a" : "M\u00fcller\n%s\/x \"q\"",  "b":1e2, "c": "%s" }' % (token, token)
    assert redact(body) == (clean, 2)


def test_the_whole_value_of_an_email_key_goes() -> None:
    body = b'{"authorEmail": "jo (at) x", "emails": ["a b", "c d"], "email": null, "name": "Jo"}'
    clean, count = redact(body)
    assert count == 3
    assert json.loads(clean) == {
        "authorEmail": TOKEN, "emails": [TOKEN, TOKEN], "email": None, "name": "Jo",
    }  # fmt: skip


def test_an_empty_email_is_no_email() -> None:
    body = b'{"authorEmail": "", "approverEmail": "null"}'
    assert redact(body) == (body, 0)


@pytest.mark.parametrize("cut", range(15, 52))
def test_a_truncated_answer_shows_no_part_of_an_address(cut: int) -> None:
    body = b'{"x": "see jo.doe@example.org", "authorEmail": "jo.doe@example.org"}'
    clean, _ = redact(body[:cut])
    assert b"@" not in clean


def test_other_formats_and_encodings() -> None:
    assert redact("Ü jo@x.org".encode("latin-1")) == (f"Ü {TOKEN}".encode("latin-1"), 1)
    assert redact(b"<a>jo@x.org</a>") == (f"<a>{TOKEN}</a>".encode(), 1)
    assert redact('{"a":"jö@x.org"}'.encode("utf-16-be"))[0].decode("utf-16-be") == (
        f'{{"a":"{TOKEN}"}}'
    )


def test_an_answer_without_addresses_is_returned_as_it_is() -> None:
    body = "\ufeff{}".encode("utf-16-le")
    assert redact(body) == (body, 0)

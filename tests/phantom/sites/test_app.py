"""Faults as a client meets them, over a real connection."""

import io
import json
import time
from http.client import HTTPConnection, IncompleteRead
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from PIL import Image


@pytest.fixture
def faulty(sites, sound_folder):
    """Return sites on which each ask meets one kind of fault, and some addresses of theirs."""

    def start(kind, *more):
        served = sites(sound_folder, "--faults", f"{kind}=1", "--seed", "2", *more)
        return served, "/rest/encounter.json?encounterID=x", picture

    record = sites(sound_folder).json("/api/search?m=1&n=1")["list"][0]
    picture = record["imgLarge"]
    return start


def refused(served, address):
    with pytest.raises(HTTPError) as caught:
        served.bytes(address)
    return caught.value


def test_too_many_requests_say_how_long_to_wait(faulty):
    served, address, _ = faulty("429", "--retry-after", "3")
    answer = refused(served, address)
    assert (answer.code, answer.headers["Retry-After"]) == (429, "3")
    assert served.asked()["faults"] == {"429": 1}


def test_out_of_service_sometimes_says_how_long(faulty):
    served, address, _ = faulty("503")
    told = [refused(served, f"{address}{n}").headers["Retry-After"] for n in range(20)]
    assert set(told) == {"1", None}


def test_an_error(faulty):
    served, address, _ = faulty("500")
    assert refused(served, address).code == 500


def test_a_cut_connection_is_seen_by_the_length(faulty):
    served, address, picture = faulty("reset")
    for asked in (address, picture):
        with pytest.raises(IncompleteRead) as caught:
            served.bytes(asked)
        assert caught.value.partial


def test_a_truncated_picture_is_seen_only_when_it_is_decoded(faulty):
    served, address, picture = faulty("truncated")
    content = served.bytes(picture)
    with pytest.raises(OSError, match="truncated"):
        Image.open(io.BytesIO(content)).load()
    assert "encounterID" in served.json(address)


def test_malformed_json(faulty):
    served, address, picture = faulty("malformed")
    with pytest.raises(ValueError):
        json.loads(served.bytes(address))
    Image.open(io.BytesIO(served.bytes(picture))).load()


def test_a_wrong_type_or_a_page_in_place_of_the_answer(faulty):
    served, address, _ = faulty("content-type")
    seen = set()
    for n in range(30):
        with urlopen(f"{served.url}{address}{n}") as answer:
            is_page = answer.read().startswith(b"<!DOCTYPE")
            seen.add((answer.status, answer.headers.get_content_type(), is_page))
    assert seen == {
        (200, "text/html", True), (200, "application/json", True), (200, "text/html", False),
    }  # fmt: skip


def test_a_redirection_leads_in_a_circle(faulty):
    served, address, _ = faulty("redirect-loop")
    connection = HTTPConnection(urlsplit(served.url).netloc)
    seen = []
    for _ in range(6):
        connection.request("GET", address)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 302
        address = answer.headers["Location"]
        seen.append(address)
    assert len(set(seen)) == 2 and seen[0] == seen[2] == seen[4]


def test_a_site_that_hangs_answers_late_and_lets_others_pass(faulty):
    served, address, _ = faulty("timeout", "--hang", "30")
    with pytest.raises(TimeoutError):
        urlopen(served.url + address, timeout=0.3)
    assert served.asked()["faults"] == {"timeout": 1}
    start = time.monotonic()
    served.stop()  # though a request may still hang
    assert time.monotonic() - start < 20


def test_a_slow_answer_is_right(faulty):
    served, address, _ = faulty("slow", "--slow", "0.2")
    start = time.monotonic()
    assert "encounterID" in served.json(address)
    assert time.monotonic() - start >= 0.2


def test_a_robots_txt_that_forbids(faulty):
    served, address, _ = faulty("robots")
    assert b"Disallow: /rest/topic.json" in served.bytes("/robots.txt")
    assert "encounterID" in served.json(address)


def test_a_retry_gets_through(sites, sound_folder):
    served = sites(sound_folder, "--faults", "500=0.9")
    for n in range(10):
        address = f"/rest/topic.json?topicID={n}"
        for _ in range(4):
            try:
                served.bytes(address)
                break
            except HTTPError:
                continue
        else:
            pytest.fail(address)


def test_what_was_asked_is_counted_and_asking_for_it_is_not(sites, sound_folder):
    served = sites(sound_folder)
    for _ in range(2):
        served.json("/rest/image.json?imageID=a")
    served.json("/api/search")
    asked = served.asked()
    assert served.asked() == asked
    assert (asked["total"], asked["addresses"]) == (3, 2)
    assert asked["kinds"] == {"image": 2, "search": 1}
    assert served.json("/_asked/addresses") == {"/rest/image.json?imageID=a": 2, "/api/search": 1}


def test_only_reading_is_allowed_and_head_has_no_body(sites, sound_folder):
    connection = HTTPConnection(urlsplit(sites(sound_folder).url).netloc)
    for method, status in (("POST", 405), ("HEAD", 200)):
        connection.request(method, "/robots.txt")
        answer = connection.getresponse()
        assert answer.status == status
        assert (answer.read() == b"") == (method == "HEAD")


def test_a_patient_client_gets_the_same_in_spite_of_faults(
    sites, sound_folder, crawl, as_published
):
    served = sites(sound_folder, "--faults", "all=0.08", "--hang", "0.1", "--slow", "0")

    def get(address):
        for _ in range(4):
            try:
                return served.json(address)
            except (HTTPError, IncompleteRead, ValueError):
                continue
        pytest.fail(address)

    assert crawl(get) == as_published(sound_folder)
    faults = served.asked()["faults"]
    assert {"429", "500", "503", "reset", "malformed", "content-type", "timeout"} <= set(faults)

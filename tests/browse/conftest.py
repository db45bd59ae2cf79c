"""The application over the phantom's database: a client without JavaScript, and a real browser."""

from __future__ import annotations

import re
import shutil
import signal
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from medpix2.browse.app import make_app
from medpix2.curate.look import Look
from medpix2.curate.rule import Hit, Rule, Subject
from medpix2.pipeline.build import build
from medpix2.pipeline.curing import Table, curate_run
from medpix2.settings import Settings
from medpix2.store.database import Store, open_store

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage",
)  # fmt: skip
# Rules of axe that stand for WCAG 2.2 A and AA.
WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
PATIENCE_MS = 30_000  # for a condition in the browser, on a slow machine


@pytest.fixture(scope="session")
def client(phantom_store: Store) -> Iterator[TestClient]:
    """Return a browser without JavaScript, on the phantom's database; for reading only."""
    with TestClient(make_app(phantom_store.settings), base_url="http://localhost") as made:
        yield made


@pytest.fixture(scope="session")
def served(phantom_program: Any) -> Iterator[str]:
    """Serve the phantom's database in a process of its own, for reading only; return the URL."""
    process = phantom_program.start("serve", "--port", "0")
    try:
        line = process.stderr.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        assert found, line
        yield found[0]
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Start one Chromium for the session, or skip."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield started
        started.close()


@pytest.fixture
def new_page(browser: Any) -> Iterator[Callable[..., Any]]:
    """Return what opens a page in a context of its own: `new_page(color_scheme="dark")`.

    What a page logs as an error (a refused inline script, a missing file) fails the test; a test
    that expects some clears `page.wrong`.
    """
    opened = []

    def new(**context: Any) -> Any:
        made = browser.new_context(**context)
        made.set_default_timeout(PATIENCE_MS)
        page = made.new_page()
        page.wrong = []
        page.on("pageerror", lambda error: page.wrong.append(str(error)))
        page.on(
            "console", lambda said: page.wrong.append(said.text) if said.type == "error" else None
        )
        opened.append(page)
        return page

    yield new
    wrong = [line for page in opened for line in page.wrong]
    for page in opened:
        page.context.close()
    assert not wrong


@pytest.fixture(scope="session")
def violations() -> Callable[[Any], list[str]]:
    """Return what lists a page's violations of WCAG 2.2 AA, as axe finds them."""
    from axe_playwright_python.sync_playwright import Axe

    def found(page: Any) -> list[str]:
        options = {"runOnly": {"type": "tag", "values": list(WCAG)}}
        answer = Axe().run(page, options=options).response
        assert answer["passes"], "axe found nothing to look at"
        return [
            f"{row['id']}: {node['html']} ({node['failureSummary']})"
            for row in answer["violations"]
            for node in row["nodes"]
        ]

    return found


def _dark(subject: Subject) -> Iterator[Hit]:
    """Hit every CT picture, in its caption, with a box."""
    for image in subject.images:
        if image["Type"] == "CT":
            evidence = {"boxes": [[1, 2, 5, 7]], "grey": 3}
            yield Hit(image["_id"], "is too dark", "Description.Caption", evidence)


def _twins(subject: Subject) -> Iterator[Hit]:
    """Hit the first two MR pictures of a case as one."""
    pair = [image["_id"] for image in subject.images if image["Type"] == "MR"][:2]
    for one, other in zip(pair, reversed(pair), strict=True):
        if one != other:
            yield Hit(one, f"is the same as {other}", None, {"other": other})


def _burned_in(image: Any) -> dict[str, Any]:
    return {"boxes": [{"what": "watermark", "box": [0, 0, 3, 1]}], "share": 0.1}


# Trivial rules: of `source`, four CT pictures are dark, and MPX2 and MPX5 have twins.
FLAGGING = Table(
    (
        Rule("dark", 1, "review", "Type", "A dark picture shows nothing.", _dark),
        Rule("twins", 1, "note", "Type", "A picture that is there twice counts double.", _twins),
    ),
    (),
    (Look("burned-in", 1, "for a test", _burned_in),),
)


@pytest.fixture
def flagged_home(fresh_home: Settings, source: Any) -> Settings:
    """Build `source` and let some trivial rules flag its pictures."""
    build(fresh_home, source.write())
    curate_run(fresh_home, table=FLAGGING)
    return fresh_home


@pytest.fixture
def flagged(flagged_home: Settings) -> Iterator[Store]:
    """Open the database of `flagged_home`."""
    with open_store(flagged_home) as store:
        yield store


@pytest.fixture
def curators(flagged: Store) -> Iterator[Callable[[str], TestClient]]:
    """Return what lets somebody curate without JavaScript: `curators("ann")` is a browser."""
    app = make_app(flagged.settings)
    with TestClient(app, base_url="http://localhost"):

        def begin(name: str) -> TestClient:
            browser = TestClient(app, base_url="http://localhost")
            browser.headers["Accept"] = "text/html"
            if name:
                page = browser.get("/curate").text
                token = re.search(r'name="csrf" value="(\w+)"', page)
                assert token
                answer = browser.post("/curate/name", data={"name": name, "csrf": token[1]})
                assert answer.status_code == 200
            return browser

        yield begin

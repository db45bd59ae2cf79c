from __future__ import annotations

import re
import signal
from collections.abc import Iterator

import pytest

from medpix2.pipeline.accounts import add_user
from medpix2.pipeline.build import build

pytestmark = pytest.mark.system
PASSWORD = "correct horse"


@pytest.fixture
def guarded(medpix2, source) -> Iterator[str]:
    """Serve a small database to two users, in a process of its own; return the URL."""
    build(medpix2.settings, source.write())
    add_user(medpix2.settings, "ann", "curator", PASSWORD)
    add_user(medpix2.settings, "bob", "reader", PASSWORD)
    process = medpix2.start("serve", "--port", "0", "--host-name", "localhost")
    try:
        line = process.stderr.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        assert found, line
        yield found[0]
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)


def test_people_log_in_by_keyboard_come_back_and_log_out(new_page, guarded, violations):
    page = new_page(color_scheme="dark")
    page.goto(f"{guarded}/search?by=case")
    assert page.title().startswith("Log in")
    assert violations(page) == []
    assert page.evaluate("document.activeElement.id") == "name"
    page.keyboard.type("ann")
    page.keyboard.press("Tab")
    page.keyboard.type("wrong horse")
    page.keyboard.press("Enter")
    page.get_by_role("alert").wait_for()
    assert "wrong" in page.get_by_role("alert").inner_text()
    page.wrong.clear()  # the browser logs the status 403
    page.get_by_label("Name").fill("ann")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?by=case")
    assert "ann (curator)" in page.inner_text("header")
    assert violations(page) == []
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url("**/login")
    page.go_back()
    page.reload()
    assert page.title().startswith("Log in")


def test_readers_are_told_that_they_may_not_decide(new_page, guarded):
    page = new_page()
    page.goto(f"{guarded}/login")
    page.get_by_label("Name").fill("bob")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/search")
    answer = page.request.post(
        f"{guarded}/curate/decide",
        form={"target": "MPX1", "action": "accept", "stamp": "x"},
        headers={"X-CSRF-Token": page.request.get(f"{guarded}/visitor.json").json()["csrf"]},
    )
    assert answer.status == 403
    assert "role curator" in answer.text()

from __future__ import annotations

import json
import re
import signal

import pytest

from medpix2.store.decisions import read_decisions

pytestmark = pytest.mark.system


@pytest.fixture
def serving(flagged_home, program_of):
    """Serve the flagged database in a process of its own; return the URL."""
    process = program_of(flagged_home).start("serve", "--port", "0")
    try:
        line = process.stderr.readline()
        yield re.search(r"http://127\.0\.0\.1:\d+", line)[0]
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)


def begin(page, url: str, name: str) -> None:
    """Open the queue and say a name, by keyboard."""
    page.goto(f"{url}/curate")
    page.locator("#who").focus()
    page.keyboard.type(name)
    page.keyboard.press("Enter")
    page.get_by_text(f"Decided by {name}").wait_for()
    page.locator("#keys").wait_for()  # the script has begun


def shown(page) -> str:
    return page.locator("#item-title").inner_text()


def press(page, *keys: str) -> None:
    """Type texts and press Enter; the last leads to another page."""
    with page.expect_navigation():
        for key in keys:
            if key.endswith("Enter"):
                page.keyboard.press(key)
            else:
                page.keyboard.type(key)


def decisions(store):
    return [(row.target, row.action, row.by) for row in read_decisions(store.db)]


def test_two_people_curate_by_keyboard_alone(serving, new_page, flagged):
    ann, bob = new_page(), new_page()
    begin(ann, serving, "ann")
    begin(bob, serving, "bob")
    assert shown(ann) == shown(bob) == "MPX1_ct0"

    press(ann, "a")
    assert shown(ann) == "MPX1_ct1"
    assert "accept MPX1_ct0" in ann.get_by_role("status").inner_text()

    press(bob, "e", "too dark", "Enter")  # he has not seen what ann decided
    assert "ann has decided on MPX1_ct0 meanwhile" in bob.get_by_role("alert").inner_text()
    assert decisions(flagged) == [("MPX1_ct0", "accept", "ann")]
    assert bob.locator("#reason").input_value() == "too dark"
    bob.wrong.clear()  # a browser logs an answer of 409

    press(ann, "u")
    assert shown(ann) == "MPX1_ct0"
    press(ann, "s")
    press(ann, "e", "no scan", "Enter")
    assert shown(ann) == "MPX3_ct0"
    press(ann, "c", "A new caption", "Control+Enter")
    assert shown(ann) == "MPX5_ct0"
    press(ann, "p")
    assert shown(ann) == "MPX1_ct0"
    assert decisions(flagged)[1:] == [
        ("MPX1_ct0", "undo", "ann"), ("MPX1_ct1", "exclude", "ann"),
        ("MPX3_ct0", "correct", "ann"), ("MPX3_ct0", "accept", "ann"),
    ]  # fmt: skip
    caption = flagged.current.find_one({"_id": "MPX3_ct0"})["Description"]["Caption"]
    assert caption == "A new caption"

    press(bob, "s")
    assert shown(bob) == "MPX5_ct0"  # the others are settled
    bob.goto(f"{serving}/curate?rule=twins")
    press(bob, "m", "Enter")
    assert decisions(flagged)[-1] == ("MPX2_mr0", "merge", "bob")


def test_boxes_and_keys_can_be_turned_off(serving, new_page):
    page = new_page()
    begin(page, serving, "ann")
    boxes = page.locator(".boxes rect.found")
    assert boxes.is_visible()
    page.keyboard.press("b")
    assert boxes.is_hidden()
    page.locator("#keys").uncheck()
    page.keyboard.press("b")
    page.keyboard.press("a")
    assert boxes.is_hidden()
    page.reload()
    assert shown(page) == "MPX1_ct0"
    assert not page.locator("#keys").is_checked()


def test_the_mask_is_drawn_by_pointer_and_by_keys(serving, new_page, flagged, violations):
    page = new_page()
    begin(page, serving, "ann")
    page.keyboard.press("x")
    box = page.get_by_role("button", name="Box 1, watermark: left 0, top 0, right 3, bottom 1")
    box.wait_for()
    for key in ("ArrowRight", "Shift+ArrowDown", "Shift+ArrowDown"):
        page.keyboard.press(key)
    boxes = page.locator("#boxes")
    assert boxes.input_value() == '[[1,0,4,3,"watermark"]]'
    area = page.locator("svg.boxes").bounding_box()  # the picture is square, the screen broad
    scale, left = area["height"] / 8, area["x"] + (area["width"] - area["height"]) / 2
    page.mouse.move(left + 5 * scale, area["y"] + 5 * scale)
    page.mouse.down()
    page.mouse.move(left + 7 * scale, area["y"] + 7 * scale)
    page.mouse.up()
    first, second = json.loads(boxes.input_value())
    assert first == [1, 0, 4, 3, "watermark"]
    assert second[:2] == [5, 5]
    assert second[2] in (7, 8)
    assert violations(page) == []
    page.keyboard.press("Delete")
    with page.expect_navigation():
        page.get_by_role("button", name="Keep this mask").press("Enter")
    meta = flagged.current.find_one({"_id": "MPX1_ct0"})["meta"]
    assert meta["burned_in"] == [[1, 0, 4, 3, "watermark"]]
    assert meta["status"] == "accepted"


@pytest.mark.parametrize("colors", ["light", "dark"])
def test_nobody_is_kept_out_by_how_curing_is_made(serving, new_page, violations, colors):
    page = new_page(color_scheme=colors, viewport={"width": 390, "height": 844})
    page.goto(f"{serving}/curate")
    found = violations(page)
    begin(page, serving, "ann")
    press(page, "a")
    for path in ("", "/curate?rule=twins", "/curate/report"):
        if path:
            page.goto(f"{serving}{path}")
        found += violations(page)
    assert found == []

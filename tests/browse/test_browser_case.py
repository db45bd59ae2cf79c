"""The case page in a real browser: what the canvas shows, keys, downloads."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from medpix2.browse.pictures import place_of
from medpix2.pipeline.find import find, show
from medpix2.records import Finding, published
from medpix2.store.findings import store_findings

pytestmark = pytest.mark.system

# Value of the canvas at a point given in CSS pixels, once what was asked for is painted.
VALUE = """async ([pane, x, y]) => {
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  await frame(); await frame();
  const canvas = document.querySelectorAll('#viewer canvas')[pane];
  const ratio = canvas.width / canvas.clientWidth;
  const at = [Math.floor(x * ratio), Math.floor(y * ratio)];
  return canvas.getContext('2d').getImageData(...at, 1, 1).data[0];
}"""


@dataclass
class Viewer:
    """The viewer of a case that is open in a browser."""

    page: Any
    case: dict[str, Any]
    names: list[str]

    def wait(self, pane: int, name: str) -> None:
        """Wait until a pane shows a picture."""
        state = f'.pane[data-id="{name}"][data-state=shown]'
        self.page.locator("#viewer .pane").nth(pane).and_(self.page.locator(state)).wait_for()

    def value(self, x: float, y: float, pane: int = 0) -> int:
        return self.page.evaluate(VALUE, [pane, x, y])

    @property
    def readout(self) -> list[float]:
        """Zoom in percent, window and level, as they are written on the picture."""
        self.value(1, 1)
        said = self.page.locator("#viewer .readout").first.inner_text()
        return [float(number) for number in re.findall(r"-?\d+", said)]

    def box(self, pane: int = 0) -> dict[str, float]:
        return self.page.locator("#viewer canvas").nth(pane).bounding_box()

    def place(self, u: float, v: float, size: tuple[int, int]) -> tuple[float, float]:
        """Return where a pixel of a fitted picture is on the canvas, in CSS pixels."""
        box = self.box()
        scale = min(box["width"] / size[0], box["height"] / size[1])
        x = box["width"] / 2 + (u + 0.5 - size[0] / 2) * scale
        return x, box["height"] / 2 + (v + 0.5 - size[1] / 2) * scale


@pytest.fixture
def viewer(served: str, new_page: Callable[..., Any], phantom_store: Any) -> Callable[..., Viewer]:
    """Return what opens a case with three or more pictures."""
    case = next(
        match.case
        for match in find(phantom_store, limit=40).matches
        if len(match.case["TAC"]) + len(match.case["MRI"]) > 2
    )
    names = [*case["TAC"], *case["MRI"]]

    def opened(asked: str = "", **context: Any) -> Viewer:
        page = new_page(**{"viewport": {"width": 1280, "height": 900}, **context})
        page.goto(f"{served}/case/{case['_id']}{asked}")
        page.locator("#viewer[data-ready]").wait_for()
        made = Viewer(page, case, names)
        page.locator("#viewer .pane[data-state=shown]").first.wait_for()
        return made

    return opened


@pytest.fixture
def grey(phantom_store: Any) -> Callable[[str], Image.Image]:
    """Return what gives the pixels of a picture as they are stored."""

    def read(name: str) -> Image.Image:
        image = phantom_store.current.find_one({"_id": name})
        path = place_of(phantom_store.settings, image["meta"]["file"]["path"])
        with Image.open(path) as opened:
            return opened.convert("RGB").getchannel(0)

    return read


def middle_grey(picture: Image.Image) -> tuple[int, int]:
    """Return a pixel, far from the middle, of middle value among others like it."""
    width, height = picture.size
    for v in range(height // 3, height // 2 - 30):
        for u in range(width // 4, width // 2 - 30):
            low, high = picture.crop((u - 2, v - 2, u + 3, v + 3)).getextrema()
            if low > 40 and high < 200 and high - low < 30:
                return u, v
    raise AssertionError("no such pixel")


def test_mouse_gestures_change_what_the_canvas_shows(viewer, grey):
    shown = viewer()
    picture = grey(shown.names[0])
    u, v = middle_grey(picture)
    x, y = shown.place(u, v, picture.size)
    box, mouse = shown.box(), shown.page.mouse
    near = {picture.getpixel((u + i, v + j)) for i in (-1, 0, 1) for j in (-1, 0, 1)}

    mouse.move(box["x"] + x, box["y"] + y)
    while shown.readout[0] < 500:  # to where single pixels are seen
        mouse.wheel(0, -300)
    assert shown.value(x, y) in near  # what was under the cursor still is

    value = shown.value(x, y)
    mouse.down()
    mouse.move(box["x"] + x - 60, box["y"] + y + 20, steps=4)
    mouse.up()
    _, width, level = shown.readout
    assert (width, level) == (195, 148)
    expected = ((value - 147.5) / 195 + 0.5) * 255
    assert abs(shown.value(x, y) - expected) <= 1

    tuned = shown.value(x, y)
    mouse.move(box["x"] + x, box["y"] + y)
    mouse.down(button="right")  # the other of window and pan
    mouse.move(box["x"] + x + 50, box["y"] + y - 30, steps=4)
    mouse.up(button="right")
    assert shown.value(x + 50, y - 30) == tuned
    assert shown.readout[1:] == [195, 148]

    mouse.dblclick(box["x"] + x, box["y"] + y)
    assert shown.readout[0] < 500


def test_buttons_change_what_the_canvas_shows_and_reset_undoes_it(viewer, grey):
    shown = viewer()
    size = grey(shown.names[0]).size
    x, y = shown.place(*middle_grey(grey(shown.names[0])), size)
    before = shown.value(x, y)

    def press(name: str) -> None:
        shown.page.locator(f"[data-tool={name}]").click()

    press("invert")
    assert abs(shown.value(x, y) - (255 - before)) <= 1
    assert shown.page.locator("[data-tool=invert]").get_attribute("aria-pressed") == "true"
    press("invert")
    press("brighter")
    assert shown.value(x, y) > before
    press("darker")
    press("darker")
    assert shown.value(x, y) < before
    press("more")
    assert shown.readout[1] < 255
    press("one")
    assert shown.readout[0] == 100
    press("reset")
    assert shown.value(x, y) == before
    press("in")
    press("pan")
    press("full")
    shown.page.wait_for_function("document.fullscreenElement?.id === 'viewer'")
    press("full")
    shown.page.wait_for_function("document.fullscreenElement === null")


def test_two_fingers_zoom(viewer):
    shown = viewer(has_touch=True)
    box = shown.box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    devtools = shown.page.context.new_cdp_session(shown.page)

    def touch(kind: str, apart: float | None) -> None:
        points = [] if apart is None else [{"x": x - apart, "y": y}, {"x": x + apart, "y": y}]
        devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    before = shown.readout[0]
    touch("touchStart", 50)
    for apart in (60, 80, 100):
        touch("touchMove", apart)
    touch("touchEnd", None)
    shown.page.wait_for_function(
        "before => parseInt(document.querySelector('.readout').innerText.slice(5)) > 1.8 * before",
        arg=before,
    )
    assert shown.readout[1:] == [255, 128]


def test_everything_is_done_by_keys(viewer, grey):
    shown = viewer()
    page, keyboard = shown.page, shown.page.keyboard
    first, second, third, *_ = shown.names
    keyboard.press("ArrowRight")  # nothing has the focus yet
    shown.wait(0, second)
    assert f"picture={second}" in page.url
    assert page.locator(f'.facts[data-of="{second}"]').is_visible()
    assert page.locator(f'.facts[data-of="{first}"]').is_hidden()
    keyboard.press("i")  # a letter does nothing outside the viewer
    for _ in range(60):
        if page.evaluate("document.activeElement.tagName") == "CANVAS":
            break
        keyboard.press("Tab")
    x, y = shown.place(*middle_grey(grey(second)), grey(second).size)
    before = shown.value(x, y)
    keyboard.press("i")
    assert abs(shown.value(x, y) - (255 - before)) <= 1
    for key in ("ArrowUp", ".", ",", "+", "+", "-", "Shift+ArrowLeft", "1", "0"):
        seen = page.evaluate("document.querySelector('#viewer canvas').toDataURL()")
        keyboard.press(key)
        shown.readout  # noqa: B018  until it is painted
        assert page.evaluate("document.querySelector('#viewer canvas').toDataURL()") != seen, key
    keyboard.press("r")
    assert shown.value(x, y) == before

    keyboard.press("b")
    shown.wait(1, third)
    assert f"picture={second}&beside={third}" in page.url
    keyboard.press("m")
    keyboard.press(".")
    shown.readout  # noqa: B018
    assert ["W 247" in said for said in page.locator(".readout").all_inner_texts()] == [True, True]
    keyboard.press("Home")
    shown.wait(1, first)
    keyboard.press("End")
    shown.wait(1, shown.names[-1])
    keyboard.press("b")
    assert page.locator("#viewer .pane").count() == 1


def test_downloads_are_opened(viewer, grey, phantom_store):
    shown = viewer()
    shown.page.keyboard.press("ArrowRight")
    shown.wait(0, shown.names[1])

    def kept(name: str) -> tuple[str, bytes]:
        with shown.page.expect_download() as waiting:
            shown.page.get_by_role("link", name=name).click()
        return waiting.value.suggested_filename, Path(waiting.value.path()).read_bytes()

    name, content = kept("Case with pictures (ZIP)")
    assert name == f"{shown.case['_id']}.zip"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        inside = [part.rpartition("/")[2] for part in archive.namelist()]
        assert {f"{each}.png" for each in shown.names} < set(inside)
    name, content = kept("Report (JSON)")
    assert json.loads(content) == published(show(phantom_store, shown.case["_id"]).case)
    name, content = kept("Download this picture")
    assert name == f"{shown.names[1]}.png"
    with Image.open(io.BytesIO(content)) as opened:
        assert opened.size == grey(shown.names[1]).size


def test_a_picture_that_is_gone_is_said_to_be(viewer, phantom_store):
    shown = viewer()
    shown.page.wrong = deque(maxlen=0)  # the browser's own lines on the 404
    _, second, third, *_ = shown.names
    image = phantom_store.current.find_one({"_id": third})
    path = place_of(phantom_store.settings, image["meta"]["file"]["path"])
    away = path.with_suffix(".away")
    path.rename(away)
    try:
        shown.page.locator(f'.strip a[data-id="{third}"]').click()
        shown.page.locator(f'.pane[data-id="{third}"][data-state=failed]').wait_for()
        said = shown.page.locator(".pane-trouble").inner_text()
        assert third in said
        assert "cannot be read" in said
        shown.page.keyboard.press("ArrowLeft")
        shown.wait(0, second)
        assert shown.page.locator(".pane-trouble").is_hidden()
    finally:
        away.rename(path)


@pytest.mark.parametrize("colors", ["light", "dark"])
def test_nobody_is_kept_out_by_how_the_case_page_is_made(viewer, violations, colors):
    shown = viewer(color_scheme=colors)
    shown.page.locator("[data-tool=beside]").click()
    shown.wait(1, shown.names[1])
    assert violations(shown.page) == []


def test_boxes_of_findings_are_drawn_where_they_are(viewer, grey, phantom_store):
    names = viewer().names
    box = [20, 30, 60, 70]
    found = Finding(
        target=names[0], rule="lettering", version=1, severity="note", message="letters",
        evidence={"boxes": [box]},
    )  # fmt: skip
    case = phantom_store.current.find_one({"_id": names[0]})["U_id"]
    store_findings(phantom_store.db, ["lettering"], {case: [found]})
    try:
        shown = viewer()
    finally:
        store_findings(phantom_store.db, ["lettering"], {case: []})
    x, y = shown.place(box[0] - 0.5, (box[1] + box[3]) / 2, grey(names[0]).size)
    before = shown.value(x, y)
    shown.page.locator("[data-tool=marks]").click()
    assert shown.value(x, y) == 255  # of the yellow line
    shown.page.keyboard.press("x")
    assert shown.value(x, y) == before != 255

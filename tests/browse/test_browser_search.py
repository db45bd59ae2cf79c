from __future__ import annotations

import re

import pytest

pytestmark = pytest.mark.system


def total(page):
    return page.locator("#total").inner_text()


def test_filters_pages_and_the_back_button_without_reloading(served, new_page):
    page = new_page()
    page.goto(f"{served}/search?q=mass&limit=5")
    before = total(page)
    page.evaluate("window.here = true")
    page.locator("#facet-location > summary").click()  # closed by hand, it stays closed
    value = page.locator("#facet-modality a").first
    count = value.locator(".count").inner_text().split()[0]
    value.click()
    page.locator(".chips a", has_text="Modality").wait_for()
    assert total(page).startswith(f"{count} pictures")
    assert page.locator("#facet-modality a[aria-current]").evaluate(
        "link => link === document.activeElement"
    )
    assert not page.locator("#facet-location").evaluate("facet => facet.open")
    page.locator(".pages a[rel=next]").click()
    page.wait_for_url(re.compile("offset=5"))
    page.locator("text=Page 2 of").wait_for()
    page.go_back()
    page.locator("text=Page 1 of").wait_for()
    page.go_back()
    page.locator(".chips a", has_text="Modality").wait_for(state="detached")
    assert total(page) == before
    assert page.evaluate("window.here") is True


def test_every_task_by_keyboard_alone(served, new_page):
    page = new_page(viewport={"width": 1280, "height": 900})
    page.goto(f"{served}/search")
    page.keyboard.press("/")
    page.keyboard.type("mass")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"q=mass"))
    page.locator("mark").first.wait_for()
    focused = "[...document.querySelectorAll('.result')].indexOf(document.activeElement)"
    page.keyboard.press("ArrowDown")
    assert page.evaluate(focused) == 0
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert page.evaluate(focused) == 2
    page.keyboard.press("ArrowDown")
    columns = page.evaluate(focused) - 2
    assert columns > 1
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowLeft")
    assert page.evaluate(focused) == 1
    page.keyboard.press("n")
    page.locator("text=Page 2 of").wait_for()
    page.locator(".results li:first-child .result:focus").wait_for()
    page.keyboard.press("p")
    page.locator("text=Page 1 of").wait_for()
    page.locator(".results li:first-child .result:focus").wait_for()
    page.get_by_label("Lowest age").press("PageUp")
    page.locator(".chips a", has_text="Age").wait_for()
    page.wait_for_url(re.compile(r"age_from=\d+"))
    page.locator(".result").first.press("Enter")
    page.wait_for_url(re.compile(r"/case/\w+\?picture="))


def test_keys_of_one_letter_can_be_switched_off(served, new_page):
    page = new_page()
    page.goto(f"{served}/search?limit=10")
    page.locator("#help .keys:not([hidden])").wait_for(state="attached")
    page.locator("#help > summary").click()
    page.get_by_label("Keys of one letter are on").uncheck()
    page.locator("#help > summary").press("/")
    assert page.evaluate("document.activeElement.id") != "q"
    page.reload()
    page.locator("#help .keys:not([hidden])").wait_for(state="attached")  # the script has run
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") != "q"


def test_values_are_narrowed_as_one_types(served, new_page):
    page = new_page()
    page.goto(f"{served}/search")
    facet = page.locator("#facet-location, #facet-category").filter(has=page.locator(".within"))
    values = facet.first.locator("li")
    wanted = values.last.locator(".name").text_content()
    facet.first.evaluate("facet => facet.open = true")
    facet.first.locator(".within input").fill(wanted.upper())
    shown = [value for value in values.all() if value.is_visible()]
    assert [value.locator(".name").inner_text() for value in shown] == [wanted]


def test_filters_may_come_after_the_results(served, new_page):
    page = new_page()
    page.goto(f"{served}/search?q=mass&counts=no")
    page.locator("#facet-modality a").first.click()
    page.locator(".chips a", has_text="Modality").wait_for()
    assert "counts" not in page.url


def test_reading_needs_no_javascript(served, new_page):
    page = new_page(java_script_enabled=False)
    page.goto(f"{served}/search")
    page.get_by_label("Words to look for").fill("mass")
    page.get_by_role("button", name="Search").click()
    page.wait_for_url(re.compile("q=mass"))
    page.locator("#facet-plane a").first.click()
    page.wait_for_url(re.compile("plane="))
    page.get_by_role("spinbutton", name="From").fill("20")
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url(re.compile("age_from=20"))
    chips = page.locator(".chips a").all_inner_texts()
    assert [chip.split()[0] for chip in chips] == ["mass", "Plane:", "Age:", "Clear"]
    page.get_by_role("navigation", name="View").get_by_text("Cases").click()
    page.wait_for_url(re.compile("by=case"))
    assert page.locator(".list mark").count() > 0
    page.locator(".result").first.click()
    page.wait_for_url(re.compile("/case/"))


@pytest.mark.parametrize("colors", ["light", "dark"])
def test_nobody_is_kept_out_by_how_the_search_is_made(served, new_page, violations, colors):
    page = new_page(color_scheme=colors)
    for question in ("q=mass&modality=CT", "q=tumour+lung&by=case&status=any"):
        page.goto(f"{served}/search?{question}")
        page.locator("#help > summary").click()
        assert violations(page) == []
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(f"{served}/search?q=nosuchword&sex=male")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_first_page_is_light(served, new_page):
    page, sizes = new_page(), []
    page.on("requestfinished", lambda request: sizes.append(request.sizes()["responseBodySize"]))
    page.goto(f"{served}/search", wait_until="networkidle")
    assert len(sizes) > 4
    assert sum(sizes) < 300_000

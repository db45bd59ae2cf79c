from __future__ import annotations

import pytest

pytestmark = pytest.mark.system


def test_a_forbidden_operator_is_named_and_the_question_stays(served, new_page):
    page = new_page()
    page.goto(f"{served}/advanced")
    page.get_by_role("navigation", name="View").get_by_text("Image_Reports").click()
    page.wait_for_url("**view=Image_Reports*")
    page.get_by_label("Field 1").select_option("Case.Title")
    page.get_by_label("Value 1").fill("mass")
    page.locator("summary", has_text="Filter of MongoDB").click()
    raw = page.locator("#raw")
    raw.fill('{"$where": "sleep(9000)"}')
    page.get_by_role("button", name="Ask").click()
    page.get_by_role("alert").wait_for()
    assert "$where is not allowed" in page.get_by_role("alert").inner_text()
    assert raw.input_value() == '{"$where": "sleep(9000)"}'
    assert page.get_by_label("Value 1").input_value() == "mass"
    page.wrong.clear()  # the browser tells the status 400
    raw.fill('{"Type": "MR"}')
    page.get_by_label("Value 1").press("Enter")
    page.wait_for_url("**MR%22*")
    assert "mass" in page.locator(".document dd").first.inner_text()
    page.locator(".document summary").first.click()
    assert '"Type": "MR"' in page.locator(".document pre").first.inner_text()


@pytest.mark.parametrize("colors", ["light", "dark"])
def test_nobody_is_kept_out_by_how_the_advanced_page_is_made(served, new_page, violations, colors):
    page = new_page(color_scheme=colors)
    page.goto(
        f"{served}/advanced?view=Image_Descriptions&field=Type&how=equals&value=MR&raw=%7B%7D"
    )
    page.locator(".document summary").first.click()
    assert violations(page) == []
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(f"{served}/advanced?raw=%7B")
    page.wrong.clear()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390

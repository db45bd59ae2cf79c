from __future__ import annotations

import pytest

pytestmark = pytest.mark.system


@pytest.mark.parametrize("colors", ["light", "dark"])
def test_nobody_is_kept_out_by_how_the_search_is_made(served, new_page, violations, colors):
    page = new_page(color_scheme=colors)
    page.goto(f"{served}/search?q=mass&modality=CT")
    assert violations(page) == []

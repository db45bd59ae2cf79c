import numpy as np
import pytest

from medpix2.phantom.anatomy import KINDS, SITES, VIEWS, draw, draw_lesion
from medpix2.phantom.canvas import Body, Canvas, Pose
from medpix2.phantom.places import CATEGORIES, LOCATIONS
from medpix2.phantom.tissues import CODES, TISSUES
from medpix2.records import LOCATION_CATEGORIES


def canvas(seed: int = 0) -> Canvas:
    pose = Pose(np.eye(2) * 60, np.array([80.0, 80.0]), np.zeros((2, 4)))
    return Canvas(160, 160, pose, np.random.default_rng(seed))


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("sex", ["male", "female"])
def test_every_view_shows_several_tissues(view, sex):
    for level in VIEWS[view].levels:
        c = canvas()
        draw(c, Body(sex, 60, 0.08, 0.5), view, level)
        assert len(np.unique(c.labels)) >= 6


@pytest.mark.parametrize("kind", KINDS)
def test_a_lesion_shows(kind):
    c = canvas()
    draw_lesion(c, kind, 0.0, 0.0, 0.2)
    tissues = {CODES[tissue] for tissue, _ in KINDS[kind].layers}
    assert tissues & set(np.unique(c.labels).tolist())


def test_tables_fit_each_other():
    assert set(CATEGORIES) == set(LOCATIONS) == set(LOCATION_CATEGORIES)
    used = {site for options in LOCATIONS.values() for _, _, sites in options for site in sites}
    assert used == set(SITES)
    for site in SITES.values():
        assert set(site.spots) <= set(VIEWS)
        assert set(site.kinds) <= set(KINDS)
        assert site.tissue in TISSUES
    for kind in KINDS.values():
        assert kind.tissue in TISSUES

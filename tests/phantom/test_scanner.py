import numpy as np
import pytest

from medpix2.phantom import overlay, scanner
from medpix2.phantom.anatomy import SITES
from medpix2.phantom.canvas import Body
from medpix2.phantom.scene import Scene
from medpix2.phantom.tissues import SEQUENCES

SCENE = Scene(
    "x", (1, 2, 3), "CT", "CT", "abdomen upper", "adrenal", -1, "mass", 1.0,
    Body("male", 50, 0.08, 0.3), "Alex Example", "Sample University", "01-02-2004",
)  # fmt: skip


@pytest.mark.parametrize("technique", [*scanner.CT_TECHNIQUES, *SEQUENCES])
def test_every_technique_gives_a_picture(technique):
    scene = SCENE._replace(
        type="CT" if technique in scanner.CT_TECHNIQUES else "MR", technique=technique
    )
    shot = scanner.shoot(scene, np.random.default_rng(1))
    assert shot.image.mode == "L"
    assert np.asarray(shot.image).std() > 5


def test_the_foot_depends_on_the_generator_alone():
    strips = []
    for grey in (np.zeros((300, 200), np.uint8), np.full((300, 200), 200, np.uint8)):
        overlay.clear_foot(grey, np.random.default_rng(5))
        strips.append(grey[-overlay.foot_height(200, 300) :])
    assert (strips[0] == strips[1]).all()


def test_the_foot_covers_the_lowest_8_percent_of_the_padded_picture():
    for width, height in ((512, 512), (512, 960), (300, 300), (512, 400)):
        below = round(0.08 * max(width, height))
        margin = (max(width, height) - height) // 2
        assert overlay.foot_height(width, height) >= below - margin


def test_sides_lie_as_radiologists_look_at_them():
    right, left = scanner.spot(SCENE), scanner.spot(SCENE._replace(side=1))
    assert right[0] < 0 < left[0]
    assert right[1:] == left[1:]


@pytest.mark.parametrize("site", ["adrenal", "frontal", "lung lower", "hip"])
def test_the_lesion_is_in_the_picture(site):
    for view in SITES[site].spots:
        scene = SCENE._replace(site=site, view=view, side=1 if SITES[site].sided else 0)
        for seed in range(40):
            pose = scanner.make_pose(scene, (400, 380), np.random.default_rng(seed))
            x, y = pose.place(np.array([scanner.spot(scene)[:2]]))[0]
            assert -15 <= x <= 415
            assert -15 <= y <= 395

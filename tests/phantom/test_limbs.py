import pytest

from medpix2.phantom import limbs


@pytest.mark.parametrize(
    "section",
    [limbs.thigh, limbs.knee_sagittal, limbs.knee_coronal, limbs.shoulder, limbs.foot],
)
def test_a_limb_is_bone_muscle_and_fat_under_skin(section, tissues_of):
    shown = tissues_of(section)
    assert {"cortex", "marrow", "muscle", "fat", "skin"} <= shown
    assert not shown & {"cord", "csf", "lung", "liver", "gm"}


def test_joints_have_cartilage_and_ligaments(tissues_of):
    for section in (limbs.knee_sagittal, limbs.knee_coronal):
        assert {"cartilage", "ligament"} <= tissues_of(section)
    assert "cartilage" not in tissues_of(limbs.thigh)


def test_a_spine_has_discs_and_a_cord(tissues_of):
    neck = tissues_of(limbs.spine_sagittal, level=0.0)
    loin = tissues_of(limbs.spine_sagittal, level=1.0)
    assert {"disc", "cord", "csf"} <= neck & loin
    assert "content" in loin - neck, "bowel lies before the loin"


def test_a_cut_across_the_spine_goes_through_a_disc_or_a_vertebra(tissues_of):
    assert "disc" in tissues_of(limbs.spine_axial, level=0.0)
    assert "disc" not in tissues_of(limbs.spine_axial, level=1.0)

import pytest

from medpix2.phantom import pelvis


@pytest.mark.parametrize("section", [pelvis.axial, pelvis.coronal, pelvis.sagittal])
def test_a_man_has_a_prostate_and_a_woman_a_uterus(section, tissues_of):
    man, woman = tissues_of(section, "male", 1.0), tissues_of(section, "female", 1.0)
    assert "prostate" in man - woman
    assert "uterus" in woman - man
    assert {"fluid", "wall", "marrow"} <= man & woman, "bladder and bone"


@pytest.mark.parametrize("sex", ["male", "female"])
def test_a_section_of_the_kidneys_shows_them_between_liver_and_spleen(sex, tissues_of):
    assert {"kidney", "liver", "spleen", "disc"} <= tissues_of(pelvis.kidneys, sex)

from medpix2.phantom import chest


def test_the_heart_is_below_the_arch(tissues_of):
    assert "heart" in tissues_of(chest.axial, level=1.0)
    arch = tissues_of(chest.axial, level=0.0)
    assert "heart" not in arch
    assert {"lung", "artery", "gas"} <= arch


def test_a_woman_has_breasts_below_alone(tissues_of):
    assert "gland" in tissues_of(chest.axial, "female", 1.0)
    assert "gland" not in tissues_of(chest.axial, "female", 0.0)
    assert "gland" not in tissues_of(chest.axial, "male", 1.0)


def test_upright_sections_reach_into_the_belly(tissues_of):
    assert {"lung", "heart", "liver", "spleen"} <= tissues_of(chest.coronal)
    assert {"lung", "heart", "liver"} <= tissues_of(chest.sagittal)

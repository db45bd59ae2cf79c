from medpix2.phantom import head


def test_a_section_through_the_skull_base_shows_the_eyes_and_one_above_does_not(tissues_of):
    base, high = tissues_of(head.axial, level=1.0), tissues_of(head.axial, level=0.0)
    assert {"gm", "wm", "csf", "vitreous", "gas"} <= base
    assert {"gm", "wm", "csf"} <= high
    assert not high & {"vitreous", "gas", "cartilage"}


def test_a_coronal_section_shows_the_eyes_in_front_alone(tissues_of):
    assert "vitreous" in tissues_of(head.coronal, level=1.0)
    assert "vitreous" not in tissues_of(head.coronal, level=0.0)


def test_the_midline_shows_brain_and_cord(tissues_of):
    assert {"gm", "wm", "cord", "csf", "marrow"} <= tissues_of(head.sagittal)


def test_the_neck_has_no_brain_and_a_larynx_below_alone(tissues_of):
    low, high = tissues_of(head.neck, level=1.0), tissues_of(head.neck, level=0.0)
    assert {"gland", "artery", "cord"} <= low & high
    assert not (low | high) & {"gm", "wm"}
    assert "cartilage" in low - high

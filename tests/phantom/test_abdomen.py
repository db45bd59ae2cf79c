from medpix2.phantom import abdomen


def test_organs_of_the_upper_belly_stand_above_those_of_the_lower(tissues_of):
    upper, lower = tissues_of(abdomen.axial, level=0.0), tissues_of(abdomen.axial, level=1.0)
    assert {"liver", "spleen", "pancreas"} <= upper
    assert not {"liver", "spleen", "pancreas"} & lower
    assert "kidney" in lower
    assert {"cord", "muscle", "artery"} <= upper & lower


def test_the_back_of_a_coronal_section_shows_kidneys_and_spine(tissues_of):
    back, front = tissues_of(abdomen.coronal, level=1.0), tissues_of(abdomen.coronal, level=0.0)
    assert {"kidney", "disc"} <= back - front
    assert "artery" in front
    assert {"liver", "spleen"} <= back & front


def test_a_sagittal_section_shows_liver_and_aorta(tissues_of):
    assert {"liver", "artery", "content"} <= tissues_of(abdomen.sagittal)

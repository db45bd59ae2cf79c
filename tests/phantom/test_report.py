from medpix2.phantom.report import appearance, site_words, technique_words


def test_appearance_follows_the_tissues():
    assert appearance("haemorrhage", "frontal", "CT") == "hyperdense"
    assert appearance("infarct", "ganglia", "DWI") == "hyperintense"
    assert appearance("cyst", "frontal", "T1") == "hypointense"
    assert appearance("cyst", "frontal", "T2") == "hyperintense"
    assert appearance("lipoma", "thigh", "CT") == "hypodense"


def test_words_name_side_and_technique():
    assert site_words("kidney", -1) == "right kidney"
    assert site_words("bladder", 0) == "wall of the urinary bladder"
    assert technique_words("GRE") == "GRE image"

from medpix2.phantom.sites.cases import SitePicture, made_uuid, pmcid_of


def test_a_picture_is_known_to_medpix_by_its_synpic_name():
    assert SitePicture("MPX1009_synpic46283", "u", "c").name == "synpic46283"
    assert SitePicture("lonely", "u", "c").name == "lonely"


def test_the_number_of_a_case():
    assert pmcid_of("MPX1009") == "1009"
    assert pmcid_of("odd") == "0"


def test_made_uuids_differ_by_what_they_stand_for():
    assert made_uuid("image", "MPX1") == made_uuid("image", "MPX1")
    assert made_uuid("image", "MPX1") != made_uuid("encounter", "MPX1")

from medpix2.phantom import places, scanner
from medpix2.phantom.anatomy import SITES, VIEWS
from medpix2.phantom.tissues import SEQUENCES


def test_every_technique_can_be_drawn():
    for table in (places.CT, places.CT_BELLY):
        assert {technique for _, _, technique in table} <= set(scanner.CT_TECHNIQUES)
    for table in (places.MR_HEAD, places.MR_BODY):
        assert {technique for _, _, technique in table} <= set(SEQUENCES)


def test_every_category_has_its_locations_a_share_and_a_part_of_the_acr_code():
    assert set(places.CATEGORIES) == set(places.LOCATIONS) == set(places.ACR_PART)
    for category, (share, of_mr) in places.CATEGORIES.items():
        assert share > 0
        assert 0 < of_mr < 1
        assert all(count > 0 for _, count, _ in places.LOCATIONS[category])
    names = {name for options in places.LOCATIONS.values() for name, _, _ in options}
    assert set(places.ACR_PART_OF) <= names


def test_views_and_sites_that_are_named_are_there():
    assert set(places.CT_ONLY_SITES) <= set(SITES)
    assert {view.plane for view in VIEWS.values()} == set(places.PLANES)
    for site, view in places.RARE_VIEWS:
        assert view in SITES[site].spots

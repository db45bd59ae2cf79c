from medpix2.phantom.collection import make_case
from medpix2.phantom.desk import Desk, Planted
from medpix2.phantom.planters import PLANTERS
from medpix2.phantom.rates import BROKEN, DEFECTS


def test_every_kind_of_the_table_is_known_and_tells_its_own_name():
    assert set(PLANTERS) == set(DEFECTS) | set(BROKEN)
    for kind, plant in PLANTERS.items():
        told = set()
        for number in range(20, 60):
            desk = Desk(make_case(1, number), 1, lambda n: Planted(make_case(1, n), [], []))
            plant(desk, 0)
            told |= {truth.kind for truth in desk.planted}
        assert told == {kind}

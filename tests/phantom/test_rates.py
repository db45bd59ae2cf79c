import pytest

from medpix2.errors import SettingError
from medpix2.phantom.rates import BROKEN, DEFECTS, rates


def test_defaults_plant_no_broken_files():
    asked = rates(1.0, 0.0)
    assert set(asked) == set(DEFECTS)
    assert not set(asked) & set(BROKEN)


def test_scale_and_rate():
    asked = rates(2.0, 0.1)
    assert asked["rgba"] == 2 * DEFECTS["rgba"].rate
    assert asked["truncated_file"] == 0.1
    assert max(rates(1e6, 0).values()) == 1.0


@pytest.mark.parametrize(("defects", "broken"), [(-1, 0), (1, -0.1), (1, 1.1)])
def test_senseless_rates_are_refused(defects, broken):
    with pytest.raises(SettingError):
        rates(defects, broken)

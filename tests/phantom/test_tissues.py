import numpy as np
import pytest

from medpix2.phantom.tissues import CODES, SEQUENCES, hounsfield, signal


@pytest.mark.parametrize("name", SEQUENCES)
def test_signals_are_finite_and_not_negative(name):
    table = signal(name)
    assert np.isfinite(table).all()
    assert table.min() >= 0


def test_contrasts_are_those_of_the_textbook():
    t1, t2, flair, stir = (signal(name) for name in ("T1", "T2", "FLAIR", "STIR"))
    csf, wm, gm, fat = (CODES[name] for name in ("csf", "wm", "gm", "fat"))
    assert t1[csf] < t1[gm] < t1[wm] < t1[fat]
    assert t2[csf] > t2[gm] > t2[wm]
    assert flair[csf] < flair[gm]
    assert stir[fat] < 0.3 * t2[fat]
    assert signal("DWI")[CODES["infarct"]] > signal("DWI")[gm]
    assert signal("ADC")[CODES["infarct"]] < signal("ADC")[gm]
    assert signal("T1 Gd")[CODES["solid"]] > t1[CODES["solid"]]


def test_contrast_medium_brightens_vessels_and_bowel():
    plain, iv, gi = hounsfield(False, False), hounsfield(True, False), hounsfield(False, True)
    assert iv[CODES["blood"]] > plain[CODES["blood"]] + 100
    assert gi[CODES["content"]] > 200
    assert plain[CODES["air"]] == -1000

import numpy as np
from PIL import Image

from medpix2.phantom import overlay


def burnt(width: int, height: int) -> np.ndarray:
    image = Image.new("L", (width, height))
    overlay.burn_in(image, "0" * 36, "Alex Example", "Mock", "01-02-2003", np.random.default_rng(1))
    return np.asarray(image)


def test_watermark_is_upper_right_and_footer_at_the_foot():
    grey = burnt(512, 512)
    assert grey[:60, 256:].any()
    assert not grey[:60, :200].any()
    assert grey[-45:].any()
    assert not grey[80:-60].any()


def test_the_phantom_is_not_marked_as_the_real_site():
    assert "MedPix" not in overlay.WATERMARK


def test_letters_stay_off_the_foot():
    image = Image.new("L", (400, 400))
    overlay.letter(image, ["W 400 : L 40"], "sw", 230, 12)
    grey = np.asarray(image)
    assert grey.any()
    assert not grey[-overlay.foot_height(400, 400) + 2 :].any()

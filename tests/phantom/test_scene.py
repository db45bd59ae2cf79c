import numpy as np

from medpix2.phantom import scanner
from medpix2.phantom.collection import make_case


def test_the_same_scene_gives_the_same_picture_and_another_case_another():
    first, again = (make_case(1, 3).scenes[0] for _ in range(2))
    other = make_case(1, 4).scenes[0]
    assert first == again
    assert (first.image, first.seed) != (other.image, other.seed)
    shots = [
        scanner.shoot(scene, np.random.default_rng(scene.seed)).image.tobytes()
        for scene in (first, again, other)
    ]
    assert shots[0] == shots[1] != shots[2]

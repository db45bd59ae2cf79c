import numpy as np

from medpix2.phantom.canvas import Canvas, Pose, smooth
from medpix2.phantom.tissues import CODES

POSE = Pose(np.eye(2) * 50, np.array([60.0, 60.0]), np.zeros((2, 4)))


def test_a_blob_lies_where_it_is_put():
    c = Canvas(120, 120, POSE, np.random.default_rng(1))
    c.blob("liver", 0.5, 0.0, 0.2, wobble=0.0)
    ys, xs = np.nonzero(c.labels == CODES["liver"])
    assert abs(xs.mean() - 85) < 1
    assert abs(ys.mean() - 60) < 1
    assert abs(len(xs) - np.pi * 10**2) < 40


def test_side_mirrors():
    c = Canvas(120, 120, POSE, np.random.default_rng(1))
    c.shape("fat", "0.2,-0.2 0.6,-0.2 0.6,0.2 0.2,0.2", jitter=0, side=-1)
    _, xs = np.nonzero(c.labels == CODES["fat"])
    assert xs.max() < 60


def test_smooth_goes_through_its_points():
    points = np.array([(0.0, 0.0), (1.0, 0.5), (2.0, 0.0)])
    curve = smooth(points, closed=False)
    for point in points:
        assert np.abs(curve - point).sum(axis=1).min() < 1e-9


def test_scale_is_pixels_a_body_unit():
    assert abs(POSE.scale - 50) < 1e-9

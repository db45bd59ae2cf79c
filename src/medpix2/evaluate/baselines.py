"""Ways to tell a class that a model must beat, and the linear probe of a model's features."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from medpix2.encode.prepare import Pixels
from medpix2.errors import MissingPackage

THUMBNAIL = 16
"""Width and height in pixels of the pictures of the simple baseline."""
REGULAR = 0.01
"""Inverse strength of the probe's regularization: features are many more than classes."""

Features = NDArray[np.floating]
Labels = NDArray[np.int64]


def majority(truth: Labels, classes: int, pictures: int) -> Features:
    """Return for each picture how frequent the classes are among those learned from (-1: none)."""
    counts = np.bincount(truth[truth >= 0], minlength=classes).astype(float)
    return np.tile(counts / max(1.0, counts.sum()), (pictures, 1))


def linear_probe(learned: Features, truth: Labels, judged: Features, classes: int) -> Features:
    """Return the probabilities of a logistic regression on features, shape (pictures, classes).

    Raises
    ------
    MissingPackage
        scikit-learn is not installed.
    """
    try:
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler
    except ImportError:
        raise MissingPackage(
            "A linear probe needs scikit-learn, which is not installed",
            "install medpix2 with its extra: pip install 'medpix2[learn]', or give --no-probe",
        ) from None
    labelled = truth >= 0
    found = np.zeros((len(judged), classes))
    known = np.unique(truth[labelled])
    if len(known) < 2:
        found[:, known] = 1.0
        return found
    model = make_pipeline(StandardScaler(), LogisticRegression(C=REGULAR, max_iter=500))
    model.fit(learned[labelled], truth[labelled])
    found[:, model.classes_] = model.predict_proba(judged)
    return found


def thumbnail(square: Pixels) -> NDArray[np.float32]:
    """Return a prepared picture as a few grey levels, shape (THUMBNAIL ** 2,)."""
    import cv2

    grey = square if square.ndim == 2 else square.mean(axis=2).astype(np.uint8)
    small = cv2.resize(grey, (THUMBNAIL, THUMBNAIL), interpolation=cv2.INTER_AREA)
    return np.asarray(small, dtype=np.float32).ravel()

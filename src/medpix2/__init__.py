"""medpix2: build, cure, browse and export the MedPix 2.0 radiology data set, and train on it."""

__version__ = "0.1.0"

"""medpix2: build, cure, browse and export the MedPix 2.0 radiology data set, and train on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from medpix2.pipeline.collection import open_collection as open

__version__ = "0.1.0"
__all__ = ["__version__", "open"]


def __getattr__(name: str) -> object:
    # `import medpix2` stays instant: what opens a database is imported when it is asked for.
    if name == "open":
        from medpix2.pipeline.collection import open_collection

        return open_collection
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

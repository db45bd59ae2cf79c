from __future__ import annotations

from pathlib import Path

import pytest

REAL = Path(__file__).parents[2] / "shared" / "medpix2"


@pytest.fixture(scope="session")
def real_copy() -> Path:
    """Return the folder of the real release, or skip."""
    if not (REAL / "Case_topic.json").is_file():
        pytest.skip(f"the real copy is not in {REAL}")
    return REAL

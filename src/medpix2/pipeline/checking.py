"""`check`: whether an export is as it was written, and sound."""

from __future__ import annotations

from pathlib import Path

from medpix2.export.check import Checked, check_export
from medpix2.pipeline.progress import Progress, Silent


def check(folder: Path, *, jobs: int = 1, progress: Progress | None = None) -> Checked:
    """Check an export; see `check_export`.

    Raises
    ------
    OutputError
        It is no export.
    """
    with (progress or Silent()).step("check", None) as advance:
        return check_export(folder, jobs=jobs, advance=advance)

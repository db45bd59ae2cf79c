"""Figures: whole, alike every time, and nothing cut off."""

import re
import subprocess
import sys
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from PIL import Image

from medpix2.errors import OutputError, SettingError
from medpix2.pipeline.plots import DPI, WIDTH, write_plots
from medpix2.pipeline.stats import stats
from medpix2.pipeline.tables import Stats, Table
from medpix2.store.database import Store

LONG = "A location category whose name costs $5 and is longer than $3 would ever buy"


def crossed(*rows: tuple[str, int, int, int]) -> Stats:
    totals = ("All", *(sum(row[at] for row in rows) for at in (1, 2, 3)))  # type: ignore[misc]
    columns = ("Location category", "CT", "MR", "All")
    table = Table("modality_location", "Images", "images", columns, rows, totals if rows else ())
    return Stats(2, 4_000_000, (table,))


def inked(file: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return which rows and columns of a picture have ink."""
    ink = np.asarray(Image.open(file).convert("L")) < 250
    return ink.any(axis=1), ink.any(axis=0)


def test_every_table_has_a_figure_of_one_column_at_300_dpi(
    tiny_store: Store, tmp_path: Path
) -> None:
    found = stats(tiny_store)
    written = write_plots(found, tmp_path / "new" / "folder")
    assert [file.name for file in written] == [
        f"{table.name}.{kind}" for table in found.tables for kind in ("png", "svg")
    ]
    assert sorted(written) == sorted((tmp_path / "new" / "folder").iterdir())
    for file in written:
        if file.suffix == ".png":
            picture = Image.open(file)
            assert picture.width == WIDTH * DPI
            assert picture.info["dpi"] == pytest.approx((DPI, DPI), abs=0.1)


def test_no_figure_is_cut_off(tiny_store: Store, tmp_path: Path) -> None:
    written = write_plots(stats(tiny_store), tmp_path / "tiny", ("png",))
    many = crossed((LONG, 1234567, 2345678, 3580245), *((f"P{i}", 1, 2, 3) for i in range(80)))
    written += write_plots(many, tmp_path / "many", ("png",))
    for file in written:
        for across in inked(file):
            assert across.any(), file
            assert not across[:2].any() and not across[-2:].any(), file
    assert Image.open(written[-1]).height < 12 * DPI


def test_the_same_tables_give_the_same_bytes(tmp_path: Path) -> None:
    found = crossed(("Head", 3, 4, 7), ("Thorax", 2, 0, 2))
    kinds = ("png", "svg", "pdf")
    first = [file.read_bytes() for file in write_plots(found, tmp_path / "a", kinds)]
    with mpl.rc_context({"font.size": 20, "axes.facecolor": "red"}):  # a user's own matplotlibrc
        again = [file.read_bytes() for file in write_plots(found, tmp_path / "b", kinds)]
        assert mpl.rcParams["font.size"] == 20
    assert first == again
    assert not re.search(rb"<dc:date>|CreationDate", b"".join(first))


def test_figures_need_no_pyplot_and_no_screen(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom pathlib import Path\n"
        "from medpix2.pipeline.plots import write_plots\n"
        "from medpix2.pipeline.tables import Stats, Table\n"
        "assert 'matplotlib' not in sys.modules\n"
        "table = Table('sequences', 'T', 'images', ('Sequence', 'Images', '%'), "
        "(('T1', 5, 100.0),), ('All', 5, 100.0))\n"
        "print(len(write_plots(Stats(1, 5, (table,)), Path('out'))))\n"
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True,
        env={"HOME": str(tmp_path), "MPLBACKEND": "qtagg", "MPLCONFIGDIR": str(tmp_path)},
    )  # fmt: skip
    assert done.stdout == "2\n"


def test_what_has_no_rows_or_no_known_label_is_not_drawn(tmp_path: Path) -> None:
    assert write_plots(crossed(), tmp_path) == []
    assert write_plots(crossed(("not given", 1, 2, 3)), tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_files_are_replaced_and_nothing_else_is_left(tmp_path: Path) -> None:
    (tmp_path / "modality_location.svg").write_text("old")
    write_plots(crossed(("Head", 3, 4, 7)), tmp_path, ("svg",))
    assert [file.name for file in tmp_path.iterdir()] == ["modality_location.svg"]
    assert "<svg" in (tmp_path / "modality_location.svg").read_text()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(OutputError, match=re.escape(str(tmp_path / "file"))):
        write_plots(crossed(("Head", 3, 4, 7)), tmp_path / "file")
    blocked = tmp_path / "modality_location.png"
    blocked.mkdir()
    with pytest.raises(OutputError, match="modality_location"):
        write_plots(crossed(("Head", 3, 4, 7)), tmp_path)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["file", blocked.name]


def test_an_unknown_format_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="png, svg, pdf"):
        write_plots(crossed(("Head", 3, 4, 7)), tmp_path, ("png", "bmp"))
    assert list(tmp_path.iterdir()) == []

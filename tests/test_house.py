"""The house keeps its rules."""

import re
import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src" / "medpix2"


def test_mongodb_operators_stand_only_in_the_store():
    for path in SOURCE.rglob("*.py"):
        if "store" not in path.relative_to(SOURCE).parts:
            found = re.findall(r"""["']\$[a-zA-Z]\w*""", path.read_text("utf-8"))
            assert not found, f"{path}: {found}"


def test_help_needs_neither_a_database_nor_numbers():
    code = (
        "import sys\nfrom medpix2.cli.program import app\n"
        "print(sorted({'pymongo', 'torch', 'numpy', 'PIL', 'pydantic', 'matplotlib'} & "
        "set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_no_module_opens_or_reads_anything_at_import(tmp_path):
    modules = [
        ".".join(("medpix2", *path.relative_to(SOURCE).with_suffix("").parts))
        for path in SOURCE.rglob("*.py")
        if path.name != "__init__.py"
    ]
    code = f"import importlib\nfor m in {modules!r}: importlib.import_module(m)"
    home = tmp_path / "home"
    subprocess.run(
        [sys.executable, "-c", code], check=True, cwd=tmp_path,
        env={"HOME": str(home), "MEDPIX2_HOME": str(home)},
    )  # fmt: skip
    assert not home.exists()

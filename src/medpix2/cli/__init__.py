"""The command line: a command parses, calls one function of `pipeline` or a stage, and prints."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the program; see `medpix2.cli.program.main`."""
    try:
        from medpix2.cli import program  # it takes a moment, in which Ctrl-C may come
    except KeyboardInterrupt:
        sys.stderr.write("medpix2: Interrupted: nothing was done\n")
        sys.exit(130)
    program.main()

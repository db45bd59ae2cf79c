"""The command line: a command parses, calls one function of `pipeline` or a stage, and prints."""

from medpix2.cli.main import main

__all__ = ["main"]

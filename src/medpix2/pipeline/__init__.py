"""Joins the stages to the store, for commands, pages and Python: build, cure, find, release, ..."""

"""Joins the stages to the store: build, find, show, stats."""

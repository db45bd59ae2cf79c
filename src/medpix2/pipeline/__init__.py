"""Joins the stages to the store: extract, build, find, show, stats."""

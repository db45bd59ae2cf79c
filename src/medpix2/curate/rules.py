"""The tables of all rules and looks."""

from __future__ import annotations

from medpix2.curate.content import CONTENT
from medpix2.curate.duplicates import DUPLICATE_RULES, DUPLICATE_SET_RULES
from medpix2.curate.look import Look
from medpix2.curate.panels import PANELS
from medpix2.curate.picture_rules import PICTURE_RULES
from medpix2.curate.rule import Rule, SetRule
from medpix2.curate.thumbnail import THUMBNAIL

RULES: tuple[Rule, ...] = (
    *PICTURE_RULES,
    *DUPLICATE_RULES,
)
"""Every rule that sees one case."""

SET_RULES: tuple[SetRule, ...] = (*DUPLICATE_SET_RULES,)
"""Every rule that sees the whole collection."""

LOOKS: tuple[Look, ...] = (CONTENT, PANELS, THUMBNAIL)
"""Everything that is measured in pictures."""

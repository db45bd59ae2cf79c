"""The tables of all rules and looks."""

from __future__ import annotations

from medpix2.curate import lettering, lettering_rules
from medpix2.curate.look import Look
from medpix2.curate.rule import Rule, SetRule

RULES: tuple[Rule, ...] = (*lettering_rules.RULES,)
"""Every rule that sees one case."""

SET_RULES: tuple[SetRule, ...] = ()
"""Every rule that sees the whole collection."""

LOOKS: tuple[Look, ...] = (
    lettering.BURNED_IN,
    lettering.LETTERING,
)
"""Everything that is measured in pictures."""

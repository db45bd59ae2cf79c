"""The tables of all rules and looks."""

from __future__ import annotations

from medpix2.curate.detail import DETAIL
from medpix2.curate.leakage import LEAKAGE
from medpix2.curate.look import Look
from medpix2.curate.rule import Rule, SetRule

RULES: tuple[Rule, ...] = ()
"""Every rule that sees one case."""

SET_RULES: tuple[SetRule, ...] = (*LEAKAGE,)
"""Every rule that sees the whole collection."""

LOOKS: tuple[Look, ...] = (DETAIL,)
"""Everything that is measured in pictures."""

"""The tables of all rules and looks."""

from __future__ import annotations

from medpix2.curate.content import CONTENT
from medpix2.curate.detail import DETAIL
from medpix2.curate.duplicates import DUPLICATE_RULES, DUPLICATE_SET_RULES
from medpix2.curate.identity_rules import IDENTITY_RULES
from medpix2.curate.keyword_rules import KEYWORD_RULES
from medpix2.curate.label_rules import LABEL_RULES
from medpix2.curate.laterality import LATERALITY_RULES
from medpix2.curate.leakage import LEAKAGE
from medpix2.curate.lettering import LETTERING_LOOKS
from medpix2.curate.lettering_rules import LETTERING_RULES
from medpix2.curate.look import Look
from medpix2.curate.panels import PANELS
from medpix2.curate.patient_rules import PATIENT_RULES
from medpix2.curate.picture_rules import PICTURE_RULES
from medpix2.curate.rule import Rule, SetRule
from medpix2.curate.text_rules import TEXT_RULES
from medpix2.curate.thumbnail import THUMBNAIL

RULES: tuple[Rule, ...] = (
    *TEXT_RULES,
    *LABEL_RULES,
    *PATIENT_RULES,
    *LATERALITY_RULES,
    *IDENTITY_RULES,
    *PICTURE_RULES,
    *DUPLICATE_RULES,
    *LETTERING_RULES,
)
"""Every rule that sees one case."""

SET_RULES: tuple[SetRule, ...] = (
    *KEYWORD_RULES,
    *DUPLICATE_SET_RULES,
    *LEAKAGE,
)
"""Every rule that sees the whole collection."""

LOOKS: tuple[Look, ...] = (
    CONTENT,
    PANELS,
    THUMBNAIL,
    DETAIL,
    *LETTERING_LOOKS,
)
"""Everything that is measured in pictures."""

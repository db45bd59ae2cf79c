"""What stands for a missing value in the sources' texts."""

from __future__ import annotations

MISSING = frozenset(
    {"", "n/a", "na", "n.a", "not available", "not applicable", "null", "none", "unknown", "unsure"}
    | {"not specified", "unknown, not specified", "left blank", "nil"}
)


def meant(text: object) -> str | None:
    """Return a label without blanks around it, or None if it stands for a missing value."""
    if not isinstance(text, str):
        return None
    text = text.strip()
    return None if text.lower().rstrip(".") in MISSING else text

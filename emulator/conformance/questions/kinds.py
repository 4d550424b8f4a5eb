"""From where each decision comes: a document, an inference from one, or a choice of ours."""

from __future__ import annotations

DOCUMENTED, INFERRED, CHOSEN = "documented", "inferred", "chosen"

_DOCUMENTED = "D54 D148 D167"

_INFERRED = """
D02 D04 D05 D06 D07 D08 D09 D10 D12 D13 D14 D15 D16 D17 D18 D19 D21 D22 D29 D30 D42 D46 D53 D57
D70 D71 D74 D94 D95 D97 D100 D102 D107 D110 D134 D135 D137 D139 D145 D146 D147 D150 D152 D153
"""

_KINDS = {
    **dict.fromkeys(_DOCUMENTED.split(), DOCUMENTED),
    **dict.fromkeys(_INFERRED.split(), INFERRED),
}


def kind_of(decision: str) -> str:
    """Return the kind of a decision of ``docs/fidelity.md``."""
    return _KINDS.get(decision, CHOSEN)

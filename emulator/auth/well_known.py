"""The well-known API keys: fixed and published, so that compose files and tests can name them.

Who has read this file has them. So ``config/`` refuses them where others could reach the emulator
(D169).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from emulator.auth.keys import inner_key

WELL_KNOWN_KEYS: Mapping[str, str] = MappingProxyType(
    {
        "owner": "eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9"
        ".eyJ0IjoiZyIsImp0aSI6IndlbGwta25vd24tb3duZXIifQ"
        ".dyYcKvqpEcdu1H6D1iEy5xgvT2cS23I7wzuD6pRiKTbbW5_XhqjHDoexeniVZnaOMHLKpfIOVO7Re-FvvFb2ug",
        "operator": "eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9"
        ".eyJ0IjoiZyIsImp0aSI6IndlbGwta25vd24tb3BlcmF0b3IifQ"
        ".yGi8YdkeGYG7FvpDtIq2S-nOnXiDDtHm9L_Cvtqzg1PfKxSIklmHEFsMgbNROZAxe3zM7Cob4PwWgoHrxXDDxQ",
        "viewer": "eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9"
        ".eyJ0IjoiZyIsImp0aSI6IndlbGwta25vd24tdmlld2VyIn0"
        ".0Uv91TEqTr9tYphdHz0ZVQJRnY6DbQeAbj_L9GHjDMcqTMsCDN2rHkk8_dFK2Biyy7FclSre922Lm1VXaCVvBw",
    }
)
"""A v2 key for each system role. They never change: others have written them down."""

_PLAIN = frozenset(WELL_KNOWN_KEYS.values())


def is_well_known(presented: str) -> bool:
    """Whether a key is one of them, also in the envelope of a v1 key."""
    return inner_key(presented) in _PLAIN

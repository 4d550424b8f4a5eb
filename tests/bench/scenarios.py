"""What is measured in requests per second, and who is compared with whom.

A further line of comparison is one more `Scenario`: its own subjects, and against which of them
the ratios are taken.
"""

from dataclasses import dataclass

from tests.bench.s3rver import S3RVER
from tests.bench.shared import PROCESSES, VALKEY, VALKEY_ACCOUNT
from tests.bench.subjects import (
    BARE,
    CONSTANT,
    CUSTOM_ROLE,
    FAKEREDIS,
    LATER,
    MEMORY,
    MOTO,
    TELEMETRY,
    TELEMETRY_FILES,
    Subject,
)

KIB = 1024
MIB = 1024 * 1024


@dataclass(frozen=True)
class Scenario:
    """One request, repeated over a cycle of keys on several connections."""

    name: str
    title: str
    method: str
    size: int  # bytes of each object
    subjects: tuple[Subject, ...] = (BARE, MEMORY, FAKEREDIS, MOTO)
    against: tuple[Subject, ...] = (BARE, MOTO)
    ceiling: Subject = CONSTANT  # shows what the generator itself can do
    connections: int = 8
    keys: int = 64
    latency: bool = False  # whether it is about how long a request takes, rather than how many

    @property
    def yardstick(self) -> Subject:
        """What tells a disturbed round from a calm one."""
        return self.against[0]

    def key_names(self) -> list[str]:
        return [f"object-{number:02}" for number in range(self.keys)]


SMALL_SUBJECTS = (BARE, MEMORY, FAKEREDIS, MOTO, S3RVER)

SCENARIOS = (
    Scenario("get-1k", "Get 1 KiB", "GET", KIB, subjects=SMALL_SUBJECTS),
    Scenario(
        "get-1k-latency",
        "Latency of a Get of 1 KiB",
        "GET",
        KIB,
        subjects=(BARE, MEMORY, FAKEREDIS),
        against=(BARE,),
        connections=64,
        latency=True,
    ),
    Scenario(
        "get-1k-role",
        "Get 1 KiB with a custom role's key",
        "GET",
        KIB,
        subjects=(MEMORY, CUSTOM_ROLE),
        against=(MEMORY,),
    ),
    Scenario(
        "get-1k-telemetry",
        "Get 1 KiB, with access logs and metrics",
        "GET",
        KIB,
        subjects=(LATER, TELEMETRY, TELEMETRY_FILES),
        against=(LATER,),
    ),
    Scenario(
        "get-1k-valkey",
        "Get 1 KiB, with a Valkey of its own",
        "GET",
        KIB,
        subjects=(BARE, MEMORY, VALKEY, VALKEY_ACCOUNT),
        against=(BARE,),
    ),
    Scenario(
        "put-1k-valkey",
        "Put 1 KiB, with a Valkey of its own",
        "PUT",
        KIB,
        subjects=(BARE, MEMORY, VALKEY, VALKEY_ACCOUNT),
        against=(BARE,),
    ),
    Scenario(
        "get-1k-processes",
        "Get 1 KiB, from processes that share one port, S3, Valkey and account",
        "GET",
        KIB,
        subjects=PROCESSES,
        against=(PROCESSES[0],),
        connections=16,
    ),
    Scenario("put-1k", "Put 1 KiB", "PUT", KIB, subjects=SMALL_SUBJECTS),
    Scenario("get-1m", "Get 1 MiB", "GET", MIB),
    Scenario("put-1m", "Put 1 MiB", "PUT", MIB),
)

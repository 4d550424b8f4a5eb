"""Resident memory of a server that does nothing: just started, and after its first object."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.bench.memory import NotMeasuredError, resident_bytes
from tests.bench.payload import payload
from tests.bench.process import StartError
from tests.bench.subjects import BARE, DEFAULT, MEMORY, MOTO, RequestError, Subject

SUBJECTS: tuple[Subject, ...] = (DEFAULT, MEMORY, BARE, MOTO)
IDLE_SECONDS = 2.0


@dataclass(frozen=True)
class Resident:
    """Bytes resident: after two idle seconds, and again after an object was put and got."""

    idle: int
    used: int


@dataclass
class IdleMemory:
    """What each subject holds, and why some were not measured."""

    resident: dict[str, Resident] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)


def measure(progress: Callable[[str], None]) -> IdleMemory:
    result = IdleMemory()
    for subject in SUBJECTS:
        progress(f"Idle memory: {subject.title}")
        try:
            with subject.running() as running:
                time.sleep(IDLE_SECONDS)
                idle = resident_bytes(running.process.pid)
                running.put("first", payload(1024))
                running.get("first")
                time.sleep(IDLE_SECONDS)
                result.resident[subject.name] = Resident(idle, resident_bytes(running.process.pid))
        except (StartError, RequestError, NotMeasuredError, OSError) as error:
            result.failures[subject.name] = str(error)
    return result

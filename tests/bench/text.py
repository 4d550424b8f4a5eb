"""Figures as text, and Markdown tables of them."""

from collections.abc import Callable, Iterable, Sequence

from tests.bench.memory import MEGABYTE
from tests.bench.stats import Spread


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] + ["---:"] * (len(header) - 1), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def with_range(spread: Spread, text: Callable[[float], str]) -> str:
    return f"{text(spread.median)} ({text(spread.low)} to {text(spread.high)})"


def as_ratio(spread: Spread | None) -> str:
    if spread is None:
        return "not measured"
    return "1" if spread == Spread(1, 1, 1) else with_range(spread, as_factor)


def as_factor(value: float) -> str:
    return f"{value:.2f}" if value < 10 else f"{value:.0f}"


def as_count(value: float) -> str:
    return f"{value:,.0f}".replace(",", " ")


def as_seconds(value: float) -> str:
    return f"{value:.2f}"


def as_megabytes(size: int) -> str:
    return f"{size / MEGABYTE:.1f} MB"


def as_milliseconds(spread: Spread) -> str:
    low, high = spread.low * 1000, spread.high * 1000
    return f"{spread.median * 1000:.2f} ms ({low:.2f} to {high:.2f})"

"""What was measured, as `build/bench.json` and as a table."""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Conditions:
    """Of the machine, before the figure was taken."""

    cores: int
    load: float
    """Mean number of programs that wanted to run during the last minute."""

    @classmethod
    def now(cls) -> "Conditions":
        return cls(os.cpu_count() or 1, round(os.getloadavg()[0], 2))


@dataclass(frozen=True, slots=True)
class Figure:
    name: str
    value: float | None
    """None where it is not valid."""
    unit: str
    peer: str | None
    peer_value: float | None
    conditions: Conditions
    remark: str = ""


def write(figures: Sequence[Figure], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([asdict(figure) for figure in figures], indent=1) + "\n")


def table(figures: Sequence[Figure]) -> str:
    rows = [("", "avcontrol", "peer", "unit", "load", "")]
    for figure in figures:
        peer = _shown(figure.peer_value, "–" if figure.peer is None else "INVALID")
        value, load = _shown(figure.value, "INVALID"), f"{figure.conditions.load:.1f}"
        rows.append((figure.name, value, peer, figure.unit, load, figure.remark))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for name, value, peer, unit, load, remark in rows:
        numbers = f"{value:>{widths[1]}}  {peer:>{widths[2]}}  {unit:<{widths[3]}}"
        lines.append(f"{name:<{widths[0]}}  {numbers}  {load:>{widths[4]}}  {remark}".rstrip())
    return "\n".join(lines)


def invalid(figures: Sequence[Figure]) -> list[str]:
    """Names of those where one side has no value that may be believed."""
    return [f.name for f in figures if f.value is None or (f.peer and f.peer_value is None)]


def _shown(value: float | None, otherwise: str) -> str:
    return otherwise if value is None else f"{value:.2f}" if value < 10 else f"{value:.0f}"

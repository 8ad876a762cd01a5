"""Numbers as Markdown tables, and their places in a file."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass
class Report:
    """What one subcommand found: blocks of Markdown, one below the other."""

    name: str
    """The subcommand, and the name of its markers."""

    blocks: list[str] = field(default_factory=list)

    def table(self, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Append a table."""
        self.blocks.append(table(header, rows))

    def say(self, sentence: str) -> None:
        """Append a paragraph."""
        self.blocks.append(sentence)

    def __str__(self) -> str:
        """Return the Markdown."""
        return "\n\n".join(self.blocks)


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table.

    Raises: ValueError where a row has not as many cells as the header.
    """
    lines = [header, ["---"] * len(header), *rows]
    if any(len(line) != len(header) for line in lines):
        raise ValueError("every row needs a cell for each column")
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def pair_ratio(ours: Sequence[float], others: Sequence[float]) -> float:
    """Return the median of the ratios of runs that were made one right after the other."""
    return statistics.median(mine / other for mine, other in zip(ours, others, strict=True))


def pair_range(ours: Sequence[float], others: Sequence[float]) -> str:
    """Return that median with the least and the largest ratio, as text."""
    ratios = [mine / other for mine, other in zip(ours, others, strict=True)]
    return f"{pair_ratio(ours, others):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"


def seconds(value_s: float) -> str:
    """Return seconds with three significant digits or so."""
    if value_s < 0.1:
        return f"{value_s * 1000:.1f} ms"
    return f"{value_s * 1000:.0f} ms" if value_s < 1 else f"{value_s:.2f} s"


def mebibytes(size_bytes: float) -> str:
    """Return bytes in MB of 2^20."""
    return f"{size_bytes / 2**20:.0f} MB"

"""How much gets through to the ward's hub, and back."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LineSpeed:
    down: float
    """To the house, in megabits a second."""
    up: float
    """From the house."""

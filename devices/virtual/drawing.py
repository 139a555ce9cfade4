"""Filled shapes with smooth edges on an RGB picture, in numpy alone."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Canvas = NDArray[np.uint8]
"""Height × width × RGB."""
Colour = tuple[int, int, int]
Point = tuple[float, float]


def ellipse(canvas: Canvas, centre: Point, rx: float, ry: float, colour: Colour) -> None:
    box = _Box.around(canvas, centre[0] - rx, centre[1] - ry, centre[0] + rx, centre[1] + ry)
    distance = np.hypot((box.x - centre[0]) / rx, (box.y - centre[1]) / ry)
    box.paint(canvas, (1 - distance) * min(rx, ry) + 0.5, colour)


def line(canvas: Canvas, start: Point, end: Point, width: float, colour: Colour) -> None:
    length = math.dist(start, end) or 1.0
    across_x = (end[1] - start[1]) / length * width / 2
    across_y = (start[0] - end[0]) / length * width / 2
    corners = [
        (start[0] + across_x, start[1] + across_y),
        (end[0] + across_x, end[1] + across_y),
        (end[0] - across_x, end[1] - across_y),
        (start[0] - across_x, start[1] - across_y),
    ]
    polygon(canvas, corners, colour)


def polygon(canvas: Canvas, corners: Sequence[Point], colour: Colour) -> None:
    """A convex one, its corners in either sense of turning."""
    xs, ys = zip(*corners, strict=True)
    box = _Box.around(canvas, min(xs), min(ys), max(xs), max(ys))
    pairs = list(zip(corners, [*corners[1:], corners[0]], strict=True))
    turning = sum(ax * by - bx * ay for (ax, ay), (bx, by) in pairs)
    inside = np.full((box.y.shape[0], box.x.shape[1]), np.inf)
    for (ax, ay), (bx, by) in pairs:
        length = math.copysign(math.dist((ax, ay), (bx, by)) or 1.0, turning)
        distance = ((bx - ax) * (box.y - ay) - (by - ay) * (box.x - ax)) / length
        inside = np.minimum(inside, distance)
    box.paint(canvas, inside + 0.5, colour)


@dataclass(frozen=True, slots=True)
class _Box:
    """The part of a canvas that a shape can touch; only this part is computed."""

    left: int
    top: int
    x: NDArray[np.float64]
    """One row with the middle of each column."""
    y: NDArray[np.float64]

    @classmethod
    def around(cls, canvas: Canvas, left: float, top: float, right: float, bottom: float) -> "_Box":
        height, width = canvas.shape[:2]
        first_x, last_x = max(0, math.floor(left) - 1), min(width, math.ceil(right) + 1)
        first_y, last_y = max(0, math.floor(top) - 1), min(height, math.ceil(bottom) + 1)
        x = np.arange(first_x, max(first_x, last_x)) + 0.5
        y = np.arange(first_y, max(first_y, last_y)) + 0.5
        return cls(first_x, first_y, x[None, :], y[:, None])

    def paint(self, canvas: Canvas, cover: NDArray[np.float64], colour: Colour) -> None:
        """`cover`: how much of each pixel the shape covers; clipped to 0…1."""
        share = np.clip(cover, 0, 1)[:, :, None]
        height, width = share.shape[:2]
        region = canvas[self.top : self.top + height, self.left : self.left + width]
        region[:] = region * (1 - share) + np.array(colour) * share

"""Coded pictures to film, made by a real encoder."""

import json
import subprocess
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

RATE = 25


def pictures(seconds: float, *, width: int = 320) -> list[tuple[float, bytes, bool]]:
    """When, Annex B, and whether decoding can begin there; a key frame each second."""
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = width, 180, "yuv420p"
    encoder.time_base = Fraction(1, RATE)
    encoder.options = {"preset": "ultrafast", "tune": "zerolatency", "g": str(RATE)}
    found = []
    for number in range(round(seconds * RATE)):
        image = np.full((270, width), number * 7 % 255, np.uint8)
        frame = av.VideoFrame.from_ndarray(image, format="yuv420p")
        frame.pts = number
        found += [
            (number / RATE, bytes(packet), bool(packet.is_keyframe))
            for packet in encoder.encode(frame)
        ]
    return found


def tone(seconds: float) -> np.ndarray[Any, np.dtype[np.int16]]:
    return (8_000 * np.sin(np.arange(round(seconds * 48_000)) * 0.06)).astype(np.int16)


def probe(path: Path) -> dict[str, Any]:
    """What ffprobe, which nobody here wrote, finds in a file: by `video` and `audio`, and what was
    wrong with it. Everything is decoded."""
    asked = subprocess.run(
        [
            *("ffprobe", "-v", "error", "-count_frames", "-show_chapters", "-show_streams"),
            *("-show_format", "-of", "json", str(path)),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    told = json.loads(asked.stdout)
    return {
        **{stream["codec_type"]: stream for stream in told.get("streams", [])},
        "chapters": told.get("chapters", []),
        "seconds": float(told["format"]["duration"]) if told.get("format") else 0.0,
        "errors": asked.stderr,
    }

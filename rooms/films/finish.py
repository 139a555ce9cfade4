"""Makes a film that can be searched and copied, of one that was made to survive a power cut:

    python -m rooms.films.finish RAW FINISHED < chapters.json

A process of its own, because an hour of pictures takes seconds. Nothing is coded anew. Chapters are
a list of [seconds, text]; the result is on the disk before it has its name, and its length in
seconds is printed. What the raw film lacks at its end is left out.
"""

import json
import os
import sys
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Final

import av
from av.stream import Stream

if TYPE_CHECKING:
    from av.container.core import Chapter

_MILLISECONDS: Final = Fraction(1, 1000)

Chapters = Sequence[tuple[float, str]]


def finish(raw: Path, finished: Path, chapters: Chapters) -> float:
    """Returns its seconds. Raises OSError, and av.FFmpegError where there is no film in `raw`."""
    unnamed = finished.with_suffix(".part")
    with (
        av.open(str(raw)) as source,
        av.open(str(unnamed), "w", format="mp4", options={"movflags": "faststart"}) as film,
    ):
        streams = {
            stream.index: film.add_stream_from_template(stream, opaque=True)
            for stream in (*source.streams.video, *source.streams.audio)
        }
        ends = 0.0
        for packet in _packets(source):
            if packet.stream_index in streams and packet.pts is not None:
                until = (packet.pts + (packet.duration or 0)) * packet.time_base
                ends = max(ends, float(until))
                packet.stream = streams[packet.stream_index]
                film.mux(packet)
        film.set_chapters(_written(chapters, ends))
    with unnamed.open("rb+") as file:
        os.fsync(file.fileno())
    unnamed.rename(finished)
    return ends


def _packets(source: av.container.InputContainer) -> Iterator["av.Packet[Stream]"]:
    packets = source.demux(*source.streams.video, *source.streams.audio)
    while True:
        try:
            packet = next(packets)
        except (StopIteration, av.FFmpegError):
            return
        if not packet.is_corrupt:  # what a power cut tore
            yield packet


def _written(chapters: Chapters, ends: float) -> "list[Chapter]":
    starts = [(max(0, round(seconds * 1000)), text) for seconds, text in chapters]
    until = [*(start for start, _ in starts), round(ends * 1000)][1:]
    return [
        {
            "id": number,
            "start": start,
            "end": max(start, end),
            "time_base": _MILLISECONDS,
            "metadata": {"title": text},
        }
        for number, ((start, text), end) in enumerate(zip(starts, until, strict=True))
    ]


def main() -> None:
    raw, finished = map(Path, sys.argv[1:3])
    chapters = [(seconds, text) for seconds, text in json.load(sys.stdin)]
    sys.stdout.write(f"{finish(raw, finished, chapters)}\n")


if __name__ == "__main__":
    main()

"""A decoder may be let go of at any moment, also while its threads are at work."""

import subprocess
import sys

SCRIPT = """
import threading
from fractions import Fraction

import av

from devices.timeline import Timeline
from devices.transcode import Transcoder

encoder = av.CodecContext.create("libx264", "w")
encoder.width, encoder.height, encoder.pix_fmt = 640, 360, "yuv420p"
encoder.time_base = Fraction(1, 30)
encoder.options = {"preset": "ultrafast", "bf": "2"}
units = []
for number in range(12):
    frame = av.VideoFrame(640, 360, "yuv420p")
    frame.pts = number
    units += [bytes(packet) for packet in encoder.encode(frame)]
units += [bytes(packet) for packet in encoder.encode(None)]
source = av.CodecContext.create("h264", "r")
for turn in range(400):
    transcoder = Transcoder(source, Timeline(), threading.Event())
    for unit in units[: 1 + turn % len(units)]:
        transcoder.decode(unit, None)
    del transcoder
"""


def test_a_camera_that_is_lost_stops_nothing_else() -> None:
    """With threads that decode by frames this stood still for ever, with Python's lock in hand."""
    subprocess.run([sys.executable, "-c", SCRIPT], check=True, timeout=60)

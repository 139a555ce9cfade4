"""FFmpeg's own WHIP sender, as PyAV brings it, in a process of its own: it keeps Python's lock
while it connects. `python whip_sender.py URL TOKEN` sends until its input is closed.

It is given a key, as its own has a curve (P-224) that OpenSSL no longer takes."""

import sys
import tempfile
import threading
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

WIDTH, HEIGHT = 320, 180


def send(out: Any, stopped: threading.Event) -> None:
    """A picture that gets brighter, and silence, at the pace of a camera."""
    video = out.add_stream("libx264", 25)
    video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    video.options = {"preset": "ultrafast", "tune": "zerolatency", "profile": "baseline", "bf": "0"}
    video.options |= {"g": "25"}
    audio = out.add_stream("libopus", 48_000)
    audio.layout = "stereo"
    silence = np.zeros((1, 2 * 960), np.int16)
    index = 0
    while not stopped.wait(0.04):
        picture = np.full((HEIGHT, WIDTH, 3), (index * 5) % 250, np.uint8)
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
        frame.pts, frame.time_base = index, Fraction(1, 25)
        out.mux(video.encode(frame))
        for part in (0, 1):
            sound = av.AudioFrame.from_ndarray(silence, format="s16", layout="stereo")
            sound.sample_rate = 48_000
            sound.pts, sound.time_base = 960 * (2 * index + part), Fraction(1, 48_000)
            out.mux(audio.encode(sound))
        index += 1


def make_key(path: Path) -> None:
    """A key and a certificate of its own, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "encoder")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now).not_valid_after(now + timedelta(days=1))
    pem = serialization.Encoding.PEM
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    certificate = builder.sign(key, hashes.SHA256()).public_bytes(pem)
    path.write_bytes(key.private_bytes(pem, *plain) + certificate)


def main() -> None:
    url, token = sys.argv[1:3]
    key = Path(tempfile.mkdtemp()) / "key.pem"
    make_key(key)
    stopped = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), stopped.set()), daemon=True).start()
    options = {"authorization": token, "cert_file": str(key), "key_file": str(key)}
    with av.open(url, "w", format="whip", options=options) as out:
        send(out, stopped)


if __name__ == "__main__":
    main()

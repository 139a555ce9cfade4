"""What lets us in at a camera: passwords stand in files, and are read anew each time, so that a
corrected one needs no restart."""

from pathlib import Path
from typing import Final
from urllib.parse import quote, urlsplit

import av
from av.error import FFmpegError, HTTPClientError, HTTPForbiddenError, HTTPUnauthorizedError

from config.settings import RtspCamera as RtspCameraSettings
from devices.device import DeviceError

_SECONDS: Final = 4.0


def read_password(settings: RtspCameraSettings) -> str:
    """Empty where there is none. Raises DeviceError."""
    return read_secret(settings.password_file, settings.name)


def read_secret(file: Path | None, name: str) -> str:
    """Of the camera of this name; empty without a file. Raises DeviceError."""
    if file is None:
        return ""
    try:
        return file.read_text(encoding="utf-8").strip("\r\n")
    except OSError:
        raise DeviceError("camera.password_file", name=name, path=str(file)) from None


def lets_in(settings: RtspCameraSettings, port: int) -> bool | None:
    """Whether the camera's RTSP takes user and password, whatever its picture is called: who is not
    let in is refused before that is looked for. None where it does not answer. Blocks."""
    host = urlsplit(settings.onvif or settings.url).hostname or ""
    login = f"{quote(settings.user, safe='')}:{quote(read_password(settings), safe='')}"
    place = f"[{host}]" if ":" in host else host
    options = {"rtsp_transport": "tcp"}
    try:
        av.open(
            f"rtsp://{login}@{place}:{port}/",
            options=options,
            timeout=(_SECONDS, _SECONDS),
        ).close()
    except (HTTPUnauthorizedError, HTTPForbiddenError):
        return False
    except HTTPClientError:
        return True  # let in, and found nothing there
    except FFmpegError:
        return None
    return True

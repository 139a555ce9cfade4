"""Opening a camera: where it is, what it offers, and in words why it does not play."""

import ssl
import time
from typing import Final, Protocol
from urllib.parse import urlsplit

from config.settings import RtspCamera as RtspCameraSettings
from devices.device import DeviceError
from devices.live_pictures import Signs
from devices.rtp.client import Client
from devices.rtp.conversation import (
    UNAUTHORIZED,
    Login,
    LostError,
    MovedError,
    RefusedError,
)
from devices.rtp.description import NoVideoError, OddError, Offer
from devices.rtp.messages import UnreadableError
from devices.rtp.stream import Stream

_MOST_MOVES: Final = 3
_UNSUPPORTED_TRANSPORT: Final = 461
_CAUSES: Final = {
    UNAUTHORIZED: "camera.wrong_password",
    403: "camera.wrong_password",
    404: "camera.no_such_stream",
}


class NotForUsError(Exception):
    """The camera offers, or speaks, what this reader does not read; libav may."""


class MakeStream(Protocol):
    def __call__(self, offer: Offer, *, in_order: bool) -> Stream: ...


async def open_camera(
    settings: RtspCameraSettings, password: str, signs: Signs, stream: MakeStream
) -> Client:
    """A camera that plays into the stream that is made for its offer. Raises DeviceError and
    NotForUsError."""
    opening = _Opening(settings, password, signs, stream)
    address = settings.url
    for _ in range(_MOST_MOVES):
        client = await opening.connect(address)
        try:
            await opening.play(client)
        except MovedError as moved:
            client.close()
            address = moved.address
        except BaseException:
            client.close()
            raise
        else:
            return client
        if not address.lower().startswith(("rtsp://", "rtsps://")):
            break
    raise opening.error("camera.rejected")


class _Opening:
    def __init__(
        self, settings: RtspCameraSettings, password: str, signs: Signs, stream: MakeStream
    ) -> None:
        self._settings = settings
        self._password = password
        self._signs = signs
        self._stream = stream
        self._host = urlsplit(settings.url).hostname or ""

    async def connect(self, address: str) -> Client:
        # The password itself goes nowhere but to whom it is meant for.
        here = urlsplit(address).hostname == self._host
        login = Login(self._settings.user, self._password, plain=here)
        try:
            client = await Client.open(address, login)
        except ConnectionRefusedError:
            raise self.error("camera.refused") from None
        except ssl.SSLError:
            raise self.error("camera.silent") from None
        except (OSError, TimeoutError):
            raise self.error("camera.no_answer") from None
        except ValueError:  # not an address
            raise self.error("camera.rejected") from None
        self._signs.heard_at = time.monotonic()
        self._signs.silence = "camera.silent"
        return client

    async def play(self, client: Client) -> None:
        """Raises DeviceError, MovedError and NotForUsError."""
        failure: Exception
        try:
            offer = await client.describe()
            await self._set_up(client, offer)
            await client.play(offer)
            return
        except RefusedError as refused:
            code = _CAUSES.get(refused.status, "camera.rejected")
            if refused.status == UNAUTHORIZED and not self._settings.user:
                code = "camera.needs_password"
            failure = self.error(code)
        except LostError:
            failure = self.error("camera.silent")
        except NoVideoError:
            failure = self.error("camera.no_video")
        except (OddError, UnreadableError) as odd:
            failure = NotForUsError(str(odd))
        except OSError:
            failure = self.error("camera.rejected")
        raise failure  # alone: nothing of what the camera was told hangs on it

    async def _set_up(self, client: Client, offer: Offer) -> None:
        """On the other transport where the camera does not have the one that is wished for."""
        udp = self._settings.transport == "udp" and client.can_udp
        try:
            await client.set_up(offer, self._stream(offer, in_order=not udp), udp=udp)
        except RefusedError as refused:
            if refused.status != _UNSUPPORTED_TRANSPORT or not client.can_udp:
                raise
            await client.set_up(offer, self._stream(offer, in_order=udp), udp=not udp)

    def error(self, code: str) -> DeviceError:
        return DeviceError(code, name=self._settings.name, host=self._host)

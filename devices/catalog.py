"""Every kind of driver in one table. A new driver is one file, one line here, one test and one
stanza in the settings."""

from collections.abc import Callable, Mapping
from typing import Any, overload

from config.settings import Camera
from config.settings import Projector as ProjectorSettings
from config.settings import RtspCamera as RtspCameraSettings
from devices.cec import CecScreen
from devices.device import Device, Display, VideoSource
from devices.mdc import MdcScreen
from devices.onvif.camera import OnvifCamera
from devices.pjlink import PjlinkProjector
from devices.rtsp import RtspCamera
from devices.webcam import Webcam
from devices.whip import WhipCamera


def _network_camera(settings: RtspCameraSettings) -> VideoSource:
    return OnvifCamera(settings) if settings.onvif else RtspCamera(settings)


DRIVERS: Mapping[str, Callable[[Any], Device]] = {
    "rtsp": _network_camera,
    "webcam": Webcam,
    "whip": WhipCamera,
    "pjlink": PjlinkProjector,
    "mdc": MdcScreen,
    "cec": CecScreen,
}
"""`kind` in the settings -> the driver, made from that stanza."""


@overload
def open_device(settings: Camera) -> VideoSource: ...
@overload
def open_device(settings: ProjectorSettings) -> Display: ...
def open_device(settings: Camera | ProjectorSettings) -> Device:
    """The driver for a stanza, not yet running: `keep_running` does that."""
    return DRIVERS[settings.kind](settings)

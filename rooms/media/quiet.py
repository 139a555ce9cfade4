"""Keeps aiortc's senders and receivers from starting anything of their own.

Each sender has two tasks, each receiver a task and a thread that decodes. Here `stream` sends,
`reports` reports and nobody decodes: fifty guests would have 450 tasks and 150 threads for nothing.
A receiver reports and estimates once something comes in, which from most guests it never does.
"""

import asyncio
import time
from functools import partial
from typing import Any

from aiortc.rate import RemoteBitrateEstimator
from aiortc.rtp import RtcpSrPacket


def quieten_sender(sender: Any) -> None:
    """To be called before it starts."""
    sender._run_rtp = partial(_nothing, sender, "_RTCRtpSender__rtp")
    sender._run_rtcp = partial(_nothing, sender, "_RTCRtpSender__rtcp")


def quieten_receiver(receiver: Any) -> None:
    """To be called before it starts; what comes in still goes through it."""
    receiver.receive = partial(_receive, receiver)
    if receiver._RTCRtpReceiver__remote_bitrate_estimator is not None:
        receiver._RTCRtpReceiver__remote_bitrate_estimator = Estimator()


class Estimator:
    """aiortc's estimate of what a browser can send; 100 kB that are taken with its first packet."""

    def __init__(self) -> None:
        self._estimator: RemoteBitrateEstimator | None = None

    def add(self, **packet: int) -> tuple[int, list[int]] | None:
        if self._estimator is None:
            self._estimator = RemoteBitrateEstimator()
        return self._estimator.add(**packet)

    @property
    def begun(self) -> bool:
        return self._estimator is not None


def begin_reports(receiver: Any) -> None:
    """Something comes in, and aiortc may report of it from now on."""
    receiver._RTCRtpReceiver__rtcp_exited.clear()
    receiver._RTCRtpReceiver__rtcp_task = asyncio.ensure_future(receiver._run_rtcp())


def note_sender_report(receiver: Any, report: RtcpSrPacket) -> None:
    """aiortc's own reports say how long ago this one came (RFC 3550, section 6.4.1)."""
    receiver._RTCRtpReceiver__lsr[report.ssrc] = report.sender_info.ntp_timestamp >> 16 & 0xFFFFFFFF
    receiver._RTCRtpReceiver__lsr_time[report.ssrc] = time.time()


async def _nothing(owner: Any, name: str, *_: Any) -> None:
    """In the place of a loop: it was started and is over, for whoever waits for that."""
    getattr(owner, f"{name}_started").set()
    getattr(owner, f"{name}_exited").set()


async def _receive(receiver: Any, parameters: Any) -> None:
    """`RTCRtpReceiver.receive` without its thread and its reports."""
    if receiver._RTCRtpReceiver__started:
        return
    for codec in parameters.codecs:
        receiver._RTCRtpReceiver__codecs[codec.payloadType] = codec
    for encoding in parameters.encodings:
        if encoding.rtx:
            receiver._RTCRtpReceiver__rtx_ssrc[encoding.rtx.ssrc] = encoding.ssrc
    receiver.transport._register_rtp_receiver(receiver, parameters)
    receiver._RTCRtpReceiver__rtcp_task = asyncio.ensure_future(
        _nothing(receiver, "_RTCRtpReceiver__rtcp")
    )
    receiver._RTCRtpReceiver__started = True

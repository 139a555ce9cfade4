"""RTP payloads of H.264 (RFC 6184) and VP8 (RFC 7741): join them, and tell a key frame."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from devices.h264 import FU_A, IDR, PAYLOAD_SIZE, SPS, STAP_A, START_CODE, nal_type


class Codec(StrEnum):
    H264 = "H264"
    VP8 = "VP8"


@dataclass(frozen=True, slots=True)
class Frame:
    """One coded picture as RTP payloads, in order, ready to be sent to anybody."""

    payloads: tuple[bytes, ...]
    timestamp: int
    """90 kHz, of the source, does not wrap; only differences mean anything."""
    key: bool


def unit_types(payload: bytes) -> list[int]:
    """Types of the NAL units that begin in this payload. Raises IndexError on a cut-off one."""
    kind = nal_type(payload)
    if kind == FU_A:
        return [payload[1] & 31] if payload[1] & 0x80 else []
    if kind != STAP_A:
        return [kind]
    kinds = []
    at = 1
    while at + 2 < len(payload):
        kinds.append(payload[at + 2] & 31)
        at += 2 + int.from_bytes(payload[at : at + 2], "big")
    return kinds


def is_key(codec: Codec, payloads: Sequence[bytes]) -> bool:
    """Whether decoding can begin here: SPS and IDR for H.264, an intra frame for VP8."""
    try:
        if codec is Codec.VP8:
            return _begins_vp8_key_frame(payloads[0])
        kinds = {kind for payload in payloads for kind in unit_types(payload)}
    except IndexError:
        return False
    return SPS in kinds and IDR in kinds


def join_h264(payloads: Iterable[bytes]) -> bytes:
    """Annex B from payloads. Raises ValueError on what RFC 6184 does not allow here."""
    parts: list[bytes] = []
    for payload in payloads:
        if len(payload) < 2:
            raise ValueError("an H.264 payload of under two bytes")
        kind = nal_type(payload)
        if kind == FU_A:
            if payload[1] & 0x80:
                parts += (START_CODE, bytes([payload[0] & 0xE0 | payload[1] & 31]))
            parts.append(payload[2:])
        elif kind == STAP_A:
            at = 1
            while at + 2 < len(payload):
                size = int.from_bytes(payload[at : at + 2], "big")
                parts += (START_CODE, payload[at + 2 : at + 2 + size])
                at += 2 + size
        elif kind < STAP_A:
            parts += (START_CODE, payload)
        else:
            raise ValueError(f"an H.264 payload of type {kind}")
    return b"".join(parts)


def packetize_vp8(frame: bytes, picture_id: int) -> tuple[bytes, ...]:
    """Payloads with a 15-bit picture id (RFC 7741, section 4.2)."""
    descriptor = bytes((0x80, 0x80, 0x80 | picture_id >> 8 & 0x7F, picture_id & 0xFF))
    step = PAYLOAD_SIZE - len(descriptor)
    first = bytes([descriptor[0] | 0x10]) + descriptor[1:]
    return tuple(
        (descriptor if offset else first) + frame[offset : offset + step]
        for offset in range(0, len(frame), step)
    )


def join_vp8(payloads: Iterable[bytes]) -> bytes:
    """The frame without descriptors. Raises IndexError on a cut-off descriptor."""
    return b"".join(payload[_vp8_descriptor_size(payload) :] for payload in payloads)


def _vp8_descriptor_size(payload: bytes) -> int:
    size = 1
    if payload[0] & 0x80:
        extensions = payload[1]
        size += 1
        if extensions & 0x80:
            size += 2 if payload[2] & 0x80 else 1
        if extensions & 0x40:
            size += 1
        if extensions & 0x30:
            size += 1
    return size


def _begins_vp8_key_frame(payload: bytes) -> bool:
    first_of_frame = payload[0] & 0x17 == 0x10
    return first_of_frame and not payload[_vp8_descriptor_size(payload)] & 1

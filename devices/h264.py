"""H.264 as bytes: NAL units, and the few facts about them that decide what a viewer can decode.

A leaf: drivers, the fan-out and the virtual camera all read H.264 here. Numbers in brackets are
clauses of ITU-T H.264.

>>> [nal_type(nal) for nal in split(b"\\0\\0\\0\\1\\x67\\x42\\0\\0\\1\\x68\\xce")] == [SPS, PPS]
True
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

START_CODE = b"\0\0\0\1"

SLICE = 1
IDR = 5
SEI = 6
SPS = 7
PPS = 8
DELIMITER = 9
"""`nal_unit_type` [table 7-1]."""

STAP_A = 24
FU_A = 28
"""Payload types that exist only in RTP (RFC 6184, sections 5.7.1 and 5.8)."""

_WITH_CHROMA = frozenset({100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135})
"""`profile_idc` of those that say more about colours [7.3.2.1.1]."""

PAYLOAD_SIZE = 1200
"""Bytes of RTP payload that pass every path, with SRTP, TURN and IPv6 headers around them."""


def nal_type(nal: bytes) -> int:
    return nal[0] & 0x1F


def split(data: bytes) -> Iterator[bytes]:
    """The NAL units of an Annex B byte stream, without start codes [annex B.1]."""
    start = data.find(b"\0\0\1")
    while start >= 0:
        start += 3
        following = data.find(b"\0\0\1", start)
        nal = data[start : following if following >= 0 else len(data)].rstrip(b"\0")
        if nal:
            yield nal
        start = following


def join(nals: Iterable[bytes]) -> bytes:
    """Annex B with four-byte start codes."""
    return b"".join(START_CODE + nal for nal in nals)


def is_annex_b(data: bytes) -> bool:
    return data.startswith((b"\0\0\1", b"\0\0\0\1"))


def split_sized(data: bytes, length_size: int) -> Iterator[bytes]:
    """The NAL units of one sample with length fields (ISO/IEC 14496-15), as MP4 carries them.

    Raises ValueError where a length points past the end.
    """
    position = 0
    while position < len(data):
        body = position + length_size
        end = body + int.from_bytes(data[position:body], "big")
        if end > len(data):
            raise ValueError("a NAL unit is longer than its sample")
        if end > body:
            yield data[body:end]
        position = end


@dataclass(frozen=True, slots=True)
class ParameterSets:
    """What a decoder must have before the first slice."""

    nals: tuple[bytes, ...] = ()
    """SPS and PPS, in the order in which they came."""
    length_size: int = 0
    """Bytes of each length field in the stream's samples; 0 where the stream is Annex B."""

    @property
    def complete(self) -> bool:
        types = {nal_type(nal) for nal in self.nals}
        return SPS in types and PPS in types


def read_extradata(extradata: bytes) -> ParameterSets:
    """The parameter sets that came beside the stream: Annex B (SDP's sprop-parameter-sets) or an
    AVCDecoderConfigurationRecord (ISO/IEC 14496-15, 5.3.3). Unreadable ones give none."""
    if is_annex_b(extradata):
        return ParameterSets(tuple(n for n in split(extradata) if nal_type(n) in (SPS, PPS)))
    if len(extradata) < 7 or extradata[0] != 1:
        return ParameterSets()
    nals: list[bytes] = []
    position = 5
    for mask in (0x1F, 0xFF):
        if position >= len(extradata):
            break
        count = extradata[position] & mask
        position += 1
        for _ in range(count):
            end = position + 2 + int.from_bytes(extradata[position : position + 2], "big")
            if nal := extradata[position + 2 : end]:
                nals.append(nal)
            position = end
    return ParameterSets(tuple(nals), length_size=(extradata[4] & 3) + 1)


def decodable_alone(nals: Iterable[bytes]) -> bool:
    """SPS, PPS and an IDR slice are all there: decoding can begin with this picture."""
    return {SPS, PPS, IDR} <= {nal_type(nal) for nal in nals}


class _Bits:
    """Reads a NAL unit's RBSP bit by bit [7.2, 9.1]. Past the end all bits are 0."""

    def __init__(self, nal: bytes, limit: int) -> None:
        rbsp = nal[1:limit].replace(b"\0\0\3", b"\0\0")
        self._value = int.from_bytes(rbsp, "big")
        self._left = len(rbsp) * 8

    def bits(self, count: int) -> int:
        self._left -= count
        if self._left < 0:
            return 0
        return (self._value >> self._left) & ((1 << count) - 1)

    def unsigned(self) -> int:
        """ue(v), Exp-Golomb."""
        zeros = 0
        while self._left > 0 and not self.bits(1):
            zeros += 1
        return (1 << zeros) - 1 + self.bits(zeros)

    def signed(self) -> int:
        """se(v) [9.1.1]."""
        value = self.unsigned()
        return (value + 1) // 2 if value % 2 else -(value // 2)

    def skip_scaling_list(self, size: int) -> None:
        """[7.3.2.1.1.1]"""
        following = 8
        last = 8
        for _ in range(size):
            if following:
                following = (last + self.signed()) % 256
            last = following or last


def begins_picture(nal: bytes) -> bool:
    """A slice that holds the picture's first macroblock; every other slice continues a picture."""
    return nal_type(nal) in (SLICE, IDR) and _Bits(nal, limit=8).unsigned() == 0


def is_b_slice(nal: bytes) -> bool:
    """A slice predicted from pictures on both sides: browsers over WebRTC show it out of order."""
    if nal_type(nal) != SLICE:
        return False
    reader = _Bits(nal, limit=24)
    reader.unsigned()  # first_mb_in_slice [7.4.3]
    return reader.unsigned() % 5 == 1  # slice_type [table 7-6]


def picture_size(sps: bytes) -> tuple[int, int] | None:
    """Width and height that are shown, from a sequence parameter set [7.3.2.1.1]; None where it
    makes no sense."""
    reader = _Bits(sps, limit=len(sps))
    profile = reader.bits(8)
    reader.bits(16)  # constraints and level
    reader.unsigned()  # its id
    chroma = 1
    if profile in _WITH_CHROMA:
        chroma = reader.unsigned()
        if chroma == 3:
            reader.bits(1)
        reader.unsigned(), reader.unsigned(), reader.bits(1)
        if reader.bits(1):
            for number in range(12 if chroma == 3 else 8):
                if reader.bits(1):
                    reader.skip_scaling_list(16 if number < 6 else 64)
    reader.unsigned()  # log2_max_frame_num_minus4
    order = reader.unsigned()
    if order == 0:
        reader.unsigned()
    elif order == 1:
        reader.bits(1), reader.unsigned(), reader.unsigned()
        for _ in range(min(reader.unsigned(), 255)):
            reader.unsigned()
    reader.unsigned(), reader.bits(1)  # reference frames, gaps
    width, height = 16 * (reader.unsigned() + 1), 16 * (reader.unsigned() + 1)
    frames_only = reader.bits(1)
    height *= 2 - frames_only
    if not frames_only:
        reader.bits(1)
    reader.bits(1)
    if reader.bits(1):
        across, down = (1 if chroma == 3 else 2), (2 if chroma == 1 else 1) * (2 - frames_only)
        width -= across * (reader.unsigned() + reader.unsigned())
        height -= down * (reader.unsigned() + reader.unsigned())
    return (width, height) if 0 < width <= 16384 and 0 < height <= 16384 else None


def payloads(data: bytes, size: int = PAYLOAD_SIZE, *, aggregate: bool = False) -> list[bytes]:
    """The RTP payloads of one access unit, packetization-mode 1 (RFC 6184, section 5.4): each
    small NAL unit by itself, each large one in FU-A pieces of at most `size` bytes.

    With `aggregate`, small ones that follow each other share a STAP-A (section 5.7.1).
    """
    found: list[bytes] = []
    small: list[bytes] = []
    room = size
    for nal in split(data):
        if aggregate and small and len(nal) + 2 > room:
            found.append(_together(small))
            small = []
        if len(nal) > size:
            found += _pieces(nal, size - 2)
        elif aggregate:
            room = (room if small else size - 1) - len(nal) - 2
            small.append(nal)
        else:
            found.append(nal)
    return [*found, _together(small)] if small else found


def _pieces(nal: bytes, most: int) -> list[bytes]:
    """FU-A (RFC 6184, section 5.8), as equal as they can be: the kernel sends those at once."""
    indicator = nal[0] & 0xE0 | FU_A
    step = -(-(len(nal) - 1) // -(-(len(nal) - 1) // most))
    starts = range(1, len(nal), step)
    return [
        bytes((indicator, (start == 1) << 7 | (start == starts[-1]) << 6 | nal[0] & 0x1F))
        + nal[start : start + step]
        for start in starts
    ]


def _together(nals: list[bytes]) -> bytes:
    """One by itself, more as a STAP-A, whose reference idc is the highest of theirs."""
    if len(nals) == 1:
        return nals[0]
    indicator = max(nal[0] & 0x60 for nal in nals) | STAP_A
    return bytes((indicator,)) + b"".join(len(nal).to_bytes(2, "big") + nal for nal in nals)

"""The message that tells what turns the loudspeaker's volume."""

from dataclasses import dataclass
from typing import ClassVar, Self

from devices.device import Turns, VolumeKnob
from devices.sound.body import ProtocolError, dump, load

_LONGEST = 100
"""The kernel's are at most 44 bytes long (SNDRV_CTL_ELEM_ID_NAME_MAXLEN)."""


@dataclass(frozen=True, slots=True)
class KnobTold:
    """At every change. Body: JSON with `knob`, which is null or has `by`, `control` and `muted`."""

    type: ClassVar[int] = 18
    knob: VolumeKnob | None

    def body(self) -> bytes:
        knob = self.knob
        fields = knob and {"by": knob.by, "control": knob.control, "muted": knob.muted}
        return dump({"knob": fields})

    @classmethod
    def parse(cls, body: bytes) -> Self:
        knob = load(body, {"knob"})["knob"]
        if knob is None:
            return cls(None)
        if not isinstance(knob, dict) or knob.keys() != {"by", "control", "muted"}:
            raise ProtocolError("a knob has by, control and muted")
        by, control, muted = knob["by"], knob["control"], knob["muted"]
        if not isinstance(control, str) or len(control) > _LONGEST or not isinstance(muted, bool):
            raise ProtocolError("a knob has a name, and is muted or not")
        try:
            return cls(VolumeKnob(Turns(by), control, muted))
        except ValueError as error:
            raise ProtocolError("nobody turns it so") from error

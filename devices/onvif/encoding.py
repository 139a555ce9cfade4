"""Whether a camera codes its picture so that browsers can take it, and how it should.

What a camera says of itself is one thing, what its stream was seen to hold (`seen`, the cause of
the camera's health) another: B-frames, and key frames that a "smart" codec leaves out, stand in no
setting that ONVIF knows.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from base.cause import Cause
from devices.device import Advice
from devices.onvif.answers import Encoder, EncoderChoices, Profile

LONGEST_SECONDS = 4.0
"""Between two key frames; whoever joins or lost a picture waits so long."""
GOOD_SECONDS = 2.0
LARGEST = (1920, 1080)
_USUAL_RATE = 25.0


@dataclass(frozen=True, slots=True)
class Change:
    """An encoder that is to be set otherwise."""

    profile: str
    encoder: Encoder


def streams(profiles: Sequence[Profile]) -> tuple[Profile | None, Profile | None]:
    """The main stream and the second, smaller one, for weak lines."""
    coded = [one for one in profiles if one.encoder is not None]
    if not coded:
        return None, None
    main = coded[0]
    others = [one for one in coded[1:] if _area(one) < _area(main)]
    return main, max(others, key=_area, default=None)


def judge(profiles: Sequence[Profile], name: str, seen: Cause | None = None) -> Advice:
    """Everything that does not suit, worst first."""
    main, second = streams(profiles)
    if main is None or main.encoder is None:
        return Advice()
    found: list[Cause] = []
    settable = True
    code = seen.code if seen else ""
    if main.encoder.encoding != "H264" or code == "camera.other_codec":
        codec = main.encoder.encoding
        shown = str(seen.params.get("codec", codec)) if seen and codec == "H264" else codec
        found.append(Cause("camera.set_codec", name=name, codec=shown.replace("H26", "H.26")))
    if code == "camera.b_frames":
        found.append(Cause("camera.set_b_frames", name=name))
    if (seconds := _distance(main.encoder)) > LONGEST_SECONDS:
        found.append(Cause("camera.set_key_frames", name=name, seconds=round(seconds)))
    elif code == "camera.key_frames_rare":
        found.append(Cause("camera.set_smart", name=name))
        settable = False
    if second is None:
        found.append(Cause("camera.set_no_second", name=name))
    elif second.encoder and (
        second.encoder.encoding != "H264" or _distance(second.encoder) > LONGEST_SECONDS
    ):
        found.append(Cause("camera.set_second", name=name))
    here = [cause for cause in found if cause.code != "camera.set_no_second"]
    return Advice(tuple(found), can_be_set=settable and bool(here))


def changes(profiles: Sequence[Profile], seen: Cause | None = None) -> list[Change]:
    """What to set, without knowing yet what the camera lets itself be set to."""
    main, second = streams(profiles)
    found = []
    for profile, known in ((main, seen), (second, None)):
        if profile is None or profile.encoder is None:
            continue
        now = profile.encoder
        known_code = known.code if known else ""
        if (
            now.encoding != "H264"
            or _distance(now) > LONGEST_SECONDS
            or known_code in ("camera.other_codec", "camera.b_frames", "camera.key_frames_rare")
        ):
            plain = known_code == "camera.b_frames" or now.h264_profile is None
            found.append(
                Change(
                    profile.token,
                    replace(now, encoding="H264", h264_profile=None if plain else now.h264_profile),
                )
            )
    return found


def possible(wanted: Encoder, choices: EncoderChoices) -> Encoder:
    """`wanted` as near as this camera can: key frames every two seconds, and where the profile is
    open, the one without B-frames."""
    rate = wanted.frames_per_second or _USUAL_RATE
    distance = round(GOOD_SECONDS * rate)
    size = (wanted.width, wanted.height)
    if choices.sizes and size not in choices.sizes:
        fitting = [
            one for one in choices.sizes if one[0] <= min(size[0], LARGEST[0]) and one[1] <= size[1]
        ]
        size = max(fitting, default=min(choices.sizes))
    plain = "Baseline" if "Baseline" in choices.h264_profiles else None
    usual = next(iter(choices.h264_profiles), "Main")
    return replace(
        wanted,
        width=size[0],
        height=size[1],
        frames_per_second=rate,
        key_frame_distance=min(max(distance, choices.least_distance), choices.most_distance),
        h264_profile=wanted.h264_profile or plain or usual,
    )


def _distance(encoder: Encoder) -> float:
    """Seconds between two key frames; 0 where the camera does not say."""
    if not encoder.key_frame_distance:
        return 0.0
    return encoder.key_frame_distance / (encoder.frames_per_second or _USUAL_RATE)


def _area(profile: Profile) -> int:
    return profile.encoder.width * profile.encoder.height if profile.encoder else 0

"""What went on for too long in a house: one message when it is lost, one when it is back.

    alarms = Alarms(Patience())
    alarms.look(view, now)                       # every few seconds
    for alarm in alarms.to_tell():               # lost, or over
        alarms.told(alarm)

What comes and goes is one loss until it has been well for a while, and for longer where it was lost
before within the last hour: whoever is called at night is not called twenty times. While a
technician works nobody is told; what is still lost after that is told then, and what has come and
gone meanwhile never is. `write` and `read` keep them over a restart.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

from base.cause import Cause
from devices.device import Condition, Kind
from rooms.attention import Alarm, Severity
from rooms.rehearsal import Verdict
from rooms.signals import DISK, ILL, POWER, signals_of
from rooms.view import Phase, RoomView

OVER_AFTER: Final = timedelta(minutes=3)
"""So long must it be well."""
FLAPPING: Final = timedelta(hours=1)
"""What was lost within this time before..."""
CALM: Final = timedelta(minutes=30)
"""...must be well for so long."""
SOUND: Final = "own.sound"
REHEARSAL: Final = "own.rehearsal"
BLIND: Final = frozenset(
    f"camera.{fault}" for fault in ("black", "covered", "overexposed", "blurred", "frozen")
)
"""A camera works, and there is nothing to be seen by it."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long something may last before somebody is told."""

    device: timedelta = timedelta(minutes=10)
    sound: timedelta = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Trouble:
    key: str
    """The signal's id, `own.sound`, `own.rehearsal`, `post.mailbox`."""
    severity: Severity
    cause: Cause
    patience: timedelta
    kind: str = ""
    name: str = ""


def troubles(view: RoomView, patience: Patience) -> Iterator[Trouble]:
    """What somebody would want to be told of, were it to last."""
    live = view.phase is Phase.LIVE
    for signal in signals_of(view):
        health = signal.health
        blind = health.cause is not None and health.cause.code in BLIND
        cut = signal.id == POWER and health.condition in ILL
        if health.condition is Condition.FAILED or blind or cut:
            storing = signal.id == DISK
            severity = Severity.NOW if storing else Severity.TODAY if live else Severity.SOON
            cause = health.cause or Cause("alarm.device_failed", name=signal.name)
            # A battery lasts a quarter of an hour, and the router's perhaps less.
            wait = timedelta() if storing else patience.sound if cut else patience.device
            yield Trouble(signal.id, severity, cause, wait, signal.kind, signal.name)
    heard = (Condition.WORKING, Condition.IMPAIRED, Condition.STARTING)
    microphones = [one for one in view.devices if one.kind is Kind.MICROPHONE]
    if live and not any(one.health.condition in heard for one in microphones):
        yield Trouble(SOUND, Severity.NOW, Cause("alarm.no_sound"), patience.sound)
    for post in view.post:
        key = f"post.{post.key}"
        yield Trouble(key, Severity.SOON, post.cause, patience.device, post.kind, post.name)
    tried = view.rehearsal
    worst = tried.worst() if tried is not None else None
    if tried is not None and tried.verdict is Verdict.NOT_READY and worst is not None:
        yield Trouble(REHEARSAL, Severity.TODAY, worst.cause, timedelta(), "rehearsal")


@dataclass(slots=True)
class Alarms:
    patience: Patience
    standing: dict[str, Alarm] = field(default_factory=dict)
    """By key: noted, raised, or over and not told yet."""
    ended: dict[str, datetime] = field(default_factory=dict)
    """When each was last over."""

    def look(self, view: RoomView, now: datetime) -> bool:
        """Whether anything is otherwise than before."""
        before = dict(self.standing)
        found = {trouble.key: trouble for trouble in troubles(view, self.patience)}
        for key, trouble in found.items():
            self.standing[key] = self._goes_on(self.standing.get(key), trouble, now)
        for key in before.keys() - found.keys():
            self._is_gone(self.standing[key], now)
        self.ended = {
            key: at for key, at in self.ended.items() if key in self.standing or now - at < FLAPPING
        }
        return self.standing != before

    def open(self) -> tuple[Alarm, ...]:
        """Those that are raised and not over, the worst first."""
        raised = [one for one in self.standing.values() if one.raised and not one.over]
        return tuple(sorted(raised, key=lambda one: (-one.severity, one.began)))

    def to_tell(self) -> tuple[Alarm, ...]:
        lost = [one for one in self.open() if not one.told]
        return (*lost, *(one for one in self.standing.values() if one.over and one.told))

    def told(self, alarm: Alarm) -> None:
        """As it is in this one."""
        known = self.standing.get(alarm.key)
        if known is None or known.began != alarm.began:
            return
        if alarm.over:
            del self.standing[alarm.key]
        else:
            self.standing[alarm.key] = replace(known, told=True)

    def _goes_on(self, known: Alarm | None, trouble: Trouble, now: datetime) -> Alarm:
        if known is None or now < known.began:
            known = Alarm(trouble.key, trouble.severity, trouble.cause, "", "", now)
        raised = known.raised
        if raised is None and now - known.began >= trouble.patience:
            raised = now
        return replace(
            known,
            severity=trouble.severity,
            cause=trouble.cause,
            kind=trouble.kind,
            name=trouble.name,
            raised=raised,
            gone=None,
            over=None,
        )

    def _is_gone(self, known: Alarm, now: datetime) -> None:
        if known.over:
            return
        gone = known.gone or now
        ended = self.ended.get(known.key)
        again = ended is not None and known.began - ended < FLAPPING
        calm = CALM if again else OVER_AFTER
        self.standing[known.key] = replace(known, gone=gone)
        if now - gone < calm:
            return
        if known.raised is None or not known.told:
            del self.standing[known.key]
        else:
            self.standing[known.key] = replace(known, gone=gone, over=gone)
        if known.raised is not None:
            self.ended[known.key] = now


# On the disk


def write(alarms: Alarms) -> str:
    standing = [
        {
            "key": one.key,
            "severity": int(one.severity),
            "cause": [one.cause.code, dict(one.cause.params)],
            "kind": one.kind,
            "name": one.name,
            "told": one.told,
            **{name: _text(getattr(one, name)) for name in _TIMES},
        }
        for one in alarms.standing.values()
    ]
    ended = {key: at.isoformat() for key, at in alarms.ended.items()}
    return json.dumps({"standing": standing, "ended": ended}, ensure_ascii=False)


def read(text: str, patience: Patience) -> Alarms:
    """None of them where an earlier version wrote it otherwise."""
    try:
        kept = json.loads(text)
        standing = {one["key"]: _alarm(one) for one in kept["standing"]}
        ended = {key: datetime.fromisoformat(at) for key, at in kept["ended"].items()}
        return Alarms(patience, standing, ended)
    except (ValueError, TypeError, KeyError, AttributeError):
        return Alarms(patience)


_TIMES: Final = ("began", "raised", "gone", "over")


def _text(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _alarm(one: Mapping[str, Any]) -> Alarm:
    code, params = one["cause"]
    times = {name: datetime.fromisoformat(one[name]) if one[name] else None for name in _TIMES}
    began = times.pop("began")
    if began is None:
        raise ValueError("it never began")
    return Alarm(
        one["key"],
        Severity(one["severity"]),
        Cause(code, **params),
        one["kind"],
        one["name"],
        began,
        told=one["told"],
        **times,
    )

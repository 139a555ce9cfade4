"""What machines ask: is it well (`/healthz`), how much (`/metrics`), what can be called
(`/api/openapi.json`). None of it names a person, so none of it asks for a login."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from importlib.metadata import version
from typing import Any, Final

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from base.cause import Refused
from devices.device import Condition, Echo, EchoState, Kind
from devices.judging import Fault
from rooms.rehearsal import Outcome, Rehearsal, Verdict
from rooms.signals import Signal, is_well, signals_of, wrong_now
from rooms.view import DeviceView, Phase, Presence, QuestionState, Role, RoomView
from web.access import Access
from web.openapi.describe import describe
from web.sentences import Language, say
from web.site import Site

VERSION: Final = version("avcontrol")
WELL: Final = "well"
UNMEASURED: Final = "unmeasured"


def routes(site: Site, answers: Counter[int], *, described: Sequence[BaseRoute]) -> list[BaseRoute]:
    """`described` are all other routes, for the description of what can be called."""
    registry = CollectorRegistry()
    registry.register(_House(site, answers))
    ProcessCollector(registry=registry)

    async def healthz(request: Request) -> Response:
        """Whether the house works: 200 with `ok` or `impaired`, 503 with `failed`."""
        stored = await _stored(site.access)
        view = site.room.view.value
        health = health_of(view, stored, site.settings.house.language)
        return JSONResponse(health, 200 if stored else 503)

    async def metrics(request: Request) -> Response:
        """Counts and gauges for Prometheus."""
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    async def openapi(request: Request) -> Response:
        """This description."""
        return JSONResponse(description)

    own = [
        Route("/healthz", healthz, methods=["GET"]),
        Route("/metrics", metrics, methods=["GET"]),
        Route("/api/openapi.json", openapi, methods=["GET"]),
    ]
    description = describe([*described, *own], VERSION)
    return list[BaseRoute](own)


async def _stored(access: Access) -> bool:
    """Whether the database answers."""
    try:
        await access.has_password()
    except Refused:
        return False
    return True


def health_of(view: RoomView, stored: bool, language: Language) -> dict[str, Any]:
    """How the house stands, as `/healthz` tells it; no person is named in it."""
    tried = view.rehearsal
    status = "failed"
    if stored:
        ready = tried is None or _verdict(view, tried) is not Verdict.NOT_READY
        status = "ok" if is_well(view) and ready else "impaired"
    return {
        "status": status,
        "version": VERSION,
        "storage": "ok" if stored else "failed",
        "phase": view.phase.value,
        "link": view.link.connection.value,
        "relay": {
            "condition": view.relay.condition.value,
            "code": view.relay.cause.code if view.relay.cause else None,
            "params": dict(view.relay.cause.params) if view.relay.cause else {},
        },
        "echo": {
            "state": view.sound.echo.state.value,
            "left": view.sound.echo.left,
            "heard": view.sound.echo.heard,
            "delay": view.sound.echo.delay,
        },
        "rehearsal": {
            "verdict": _verdict(view, tried).value,
            "ended_at": tried.ended.isoformat() if tried.ended else None,
            "found": [
                {
                    "subject": finding.subject,
                    "outcome": finding.outcome.value,
                    "code": finding.cause.code,
                    "params": dict(finding.cause.params),
                }
                for finding in tried.found
            ],
        }
        if tried
        else None,
        "signals": [_signal(signal, language) for signal in signals_of(view)],
        "devices": [
            {
                "id": device.id,
                "kind": device.kind.value,
                "condition": device.health.condition.value,
                "code": device.health.cause.code if device.health.cause else None,
                **({"picture": _picture(device)} if device.kind is Kind.CAMERA else {}),
            }
            for device in view.devices
        ],
    }


def _signal(signal: Signal, language: Language) -> dict[str, Any]:
    """How it is, since when, why, and in `words` what to do about it."""
    health = signal.health
    return {
        "id": signal.id,
        "kind": signal.kind,
        "condition": health.condition.value,
        "since": health.since.isoformat(),
        "code": health.cause.code if health.cause else None,
        "params": dict(health.cause.params) if health.cause else {},
        "words": say(health.cause, language) if health.cause else None,
    }


def _verdict(view: RoomView, tried: Rehearsal) -> Verdict:
    return tried.verdict_now(wrong_now(view), datetime.now(UTC))


def _picture(device: DeviceView) -> str:
    """Whether there is anything to be seen by a camera: `well`, what is wrong with it, or
    `unmeasured`."""
    seen = device.picture
    if seen is None or device.health.condition not in (Condition.WORKING, Condition.IMPAIRED):
        return UNMEASURED
    return seen.cause.code.rpartition(".")[2] if seen.cause else WELL


class _House(Collector):
    """Reads the room at every scrape; nothing is counted twice and nothing can go stale."""

    def __init__(self, site: Site, answers: Counter[int]) -> None:
        self._room = site.room
        self._stalls = site.stalls
        self._answers = answers

    def collect(self) -> Iterator[Metric]:
        view = self._room.view.value
        yield _gauge("phase", "Phase of the meeting", "phase", _one_of(Phase, view.phase))
        guests = Counter(g.presence.value for g in view.guests if g.role is not Role.WARD)
        yield _gauge("guests", "Guests by presence", "presence", {p: guests[p] for p in Presence})
        asked = Counter(question.state.value for question in view.questions)
        yield _gauge(
            "questions", "Questions of this meeting", "state", {s: asked[s] for s in QuestionState}
        )
        devices = GaugeMetricFamily(
            "avcontrol_device_condition", "1 for the condition it is in", labels=["id", "condition"]
        )
        for device in view.devices:
            for condition in Condition:
                value = float(device.health.condition is condition)
                devices.add_metric([device.id, condition.value], value)
        yield devices
        yield from _signals(view)
        yield from _rehearsal(view)
        yield from _alarms(view)
        yield from _echo(view.sound.echo)
        pictures = GaugeMetricFamily(
            "avcontrol_camera_picture", "1 for what there is to be seen", labels=["id", "picture"]
        )
        for camera in view.devices:
            if camera.kind is Kind.CAMERA:
                for picture in (WELL, UNMEASURED, *Fault):
                    pictures.add_metric([camera.id, picture], float(_picture(camera) == picture))
        yield pictures
        answered = CounterMetricFamily(
            "avcontrol_http_answers", "Requests by the status they got", labels=["status"]
        )
        for status, count in sorted(self._answers.items()):
            answered.add_metric([str(status)], count)
        yield answered
        text = "For how long the event loop stood still at most, of the last minute or two"
        yield GaugeMetricFamily("avcontrol_loop_stall_seconds", text, self._stalls.longest)
        text = (
            "How much of a processor the event loop took at most without letting anything else in"
        )
        yield GaugeMetricFamily("avcontrol_loop_busy_seconds", text, self._stalls.busiest)
        info = GaugeMetricFamily("avcontrol_info", "The version that runs", labels=["version"])
        info.add_metric([VERSION], 1)
        yield info


def _signals(view: RoomView) -> Iterator[Metric]:
    states = GaugeMetricFamily(
        "avcontrol_signal", "1 for how it is", labels=["id", "kind", "condition"]
    )
    since = GaugeMetricFamily(
        "avcontrol_signal_since_seconds", "Since when, in Unix time", labels=["id", "kind"]
    )
    for signal in signals_of(view):
        for condition in Condition:
            value = float(signal.health.condition is condition)
            states.add_metric([signal.id, signal.kind, condition.value], value)
        since.add_metric([signal.id, signal.kind], signal.health.since.timestamp())
    yield states
    yield since


def _alarms(view: RoomView) -> Iterator[Metric]:
    alarms = GaugeMetricFamily(
        "avcontrol_alarm", "Since when, in Unix time, somebody is told", labels=["id", "severity"]
    )
    for alarm in view.alarms:
        alarms.add_metric([alarm.key, alarm.severity.name.lower()], alarm.began.timestamp())
    yield alarms
    text = "1 while a technician has asked that nobody be told"
    yield GaugeMetricFamily("avcontrol_alarms_quiet", text, float(view.quiet is not None))


def _rehearsal(view: RoomView) -> Iterator[Metric]:
    """Nothing where nobody has ever tried."""
    tried = view.rehearsal
    if tried is None:
        return
    verdicts = _one_of(Verdict, _verdict(view, tried))
    yield _gauge("rehearsal", "1 for the verdict before a meeting", "verdict", verdicts)
    found = GaugeMetricFamily(
        "avcontrol_rehearsal_found", "1 for what came of it", labels=["subject", "outcome"]
    )
    for finding in tried.found:
        for outcome in Outcome:
            value = float(finding.outcome is outcome)
            found.add_metric([finding.subject, outcome.value], value)
    yield found
    if tried.ended is not None:
        text = "When it was over, in Unix time"
        yield GaugeMetricFamily("avcontrol_rehearsal_ended_seconds", text, tried.ended.timestamp())


def _echo(echo: Echo) -> Iterator[Metric]:
    """What is not known is not there."""
    states = _one_of(EchoState, echo.state)
    yield _gauge("echo_state", "1 for the state of the hall's echo", "state", states)
    for name, text, value in (
        ("left_db", "Echo that goes out, of what the loudspeaker plays", echo.left),
        ("heard_db", "Echo in the microphone, of what the loudspeaker plays", echo.heard),
        ("delay_seconds", "From the loudspeaker to the microphone", echo.delay),
    ):
        if value is not None:
            yield GaugeMetricFamily(f"avcontrol_echo_{name}", text, value)


def _one_of(values: type[StrEnum], current: StrEnum) -> dict[str, int]:
    return {value.value: int(value is current) for value in values}


def _gauge(name: str, text: str, label: str, values: dict[Any, int]) -> Metric:
    family = GaugeMetricFamily(f"avcontrol_{name}", text, labels=[label])
    for value, count in values.items():
        family.add_metric([str(value)], count)
    return family

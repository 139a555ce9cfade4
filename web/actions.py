"""What the buttons do: `POST /do/<action>`, one literal table of commands to the room.

Who may do what, and when, is the room's to say. A script gets 204, or 200 with `{"message"}` where
there is something to tell, with the `url` of the page that shows it where there is one; a plain
form is led there, or back to the page it came from (303).
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from base.cause import Cause, Refused
from devices.device import Cover, Velocity
from feedback.consent import agreed
from feedback.redaction import Marked, marks
from rooms.meeting import Actor
from rooms.page_rendering import MOST_PAGES
from rooms.room import Room
from rooms.shown import Floor, FloorKind
from rooms.view import Filmed, Role
from web import photos
from web.entry import HOME
from web.errors import status_of, wants_json
from web.helping import in_words
from web.inviting import Typed
from web.language import local_path
from web.sentences import say
from web.site import Site

IN_THE_HALL: Final = (Role.LEADER, Role.SECRETARY, Role.TECHNICIAN)


NOT_GIVEN: Final = (FloorKind.PAPER, FloorKind.HDMI)
"""Shown, each by a command of its own."""

MARKS_OPEN: Final = "question.marks_open"
"""Refused until somebody has looked at what would be published."""

MOST_NUMBER: Final = 99_999
"""Of a question in its meeting."""


WAYS: Final[Mapping[str, Velocity]] = {
    "left": Velocity(pan=-0.5),
    "right": Velocity(pan=0.5),
    "up": Velocity(tilt=0.5),
    "down": Velocity(tilt=-0.5),
    "closer": Velocity(zoom=0.5),
    "wider": Velocity(zoom=-0.5),
}
"""What a button of a camera means; half as fast as it can, so that nobody overshoots."""


class Fields:
    """A posted form. Raises Refused `web.bad_request` where a page of ours would never send it."""

    def __init__(self, form: FormData) -> None:
        self.form = form

    def text(self, name: str) -> str:
        value = self.form.get(name, "")
        if not isinstance(value, str):
            raise Refused("web.bad_request")
        return value.strip()

    def id(self, name: str) -> str:
        if value := self.text(name):
            return value
        raise Refused("web.bad_request")

    def yes(self, name: str) -> bool:
        return self.text(name) == "yes"

    def number(self, name: str, least: int, most: int) -> int:
        value = self.text(name)
        if not value.isdecimal() or not least <= int(value) <= most:
            raise Refused("web.bad_request")
        return int(value)


@dataclass(frozen=True, slots=True)
class Shown:
    """What to tell, and the page that shows it to people."""

    cause: Cause
    path: str | None
    """None: the page that it was done from."""


Answer = Shown | str | None
"""What to tell, or the path to go to; None is nothing but done."""
Command = Callable[[Room, Actor, Fields], Awaitable[Answer]]


def _plain(command: Callable[[Room, Actor, Fields], Awaitable[object]]) -> Command:
    """A command whose result needs no telling: the pages show what became of it."""

    async def run(room: Room, by: Actor, fields: Fields) -> Answer:
        await command(room, by, fields)
        return None

    return run


def _floor(fields: Fields) -> Floor:
    try:
        kind = FloorKind(fields.text("kind"))
    except ValueError:
        raise Refused("web.bad_request") from None
    if kind in NOT_GIVEN:
        raise Refused("web.bad_request")
    return Floor(kind, None if kind is FloorKind.HALL else fields.id("guest"))


def _filmed(fields: Fields) -> Filmed:
    try:
        return Filmed(fields.text("wanted"))
    except ValueError:
        raise Refused("web.bad_request") from None


def _cover(fields: Fields) -> Cover:
    try:
        return Cover(fields.text("cover"))
    except ValueError:
        raise Refused("web.bad_request") from None


def _way(fields: Fields) -> Velocity:
    if (way := WAYS.get(fields.text("way"))) is None:
        raise Refused("web.bad_request")
    return way


def _reason(fields: Fields) -> str:
    """The chosen reason and what was added to it; the room refuses an empty one."""
    return ": ".join(part for part in (fields.text("reason"), fields.text("more")) if part)


def _who_answered(room: Room, fields: Fields) -> str:
    """Whoever has the floor, unless the form says somebody else."""
    return fields.text("other") or fields.text("who") or room.view.value.speaker() or ""


def _marked(fields: Fields) -> Marked:
    try:
        return Marked(fields.text("marked") or Marked.ASK)
    except ValueError:
        raise Refused("web.bad_request") from None


async def _answer_question(room: Room, by: Actor, fields: Fields) -> Answer:
    who = _who_answered(room, fields)
    text = fields.text("text") or fields.text("spoken")
    question = fields.id("question")
    marked = _marked(fields)
    await room.answer_question(by, question, text, answered_by=who, marked=marked)
    found, problem = await photos.sheets(fields.form, room.album, papers=True)
    if found:
        await room.attach_to_answer(by, question, found)
    if back := fields.text("back"):
        return local_path(back)
    return None if problem is None else Shown(problem, None)


async def _merge_question(room: Room, by: Actor, fields: Fields) -> Answer:
    """Into the one that people call by this number, or that it was merged into itself."""
    question, number = fields.id("question"), fields.number("number", 1, MOST_NUMBER)
    for head in room.view.value.questions:
        if number in (head.number, *(other.number for other in head.merged)):
            await room.merge_question(by, question, head.id)
            return None
    raise Refused("question.no_such_number", number=number)


async def _enter_question(room: Room, by: Actor, fields: Fields) -> Answer:
    name = fields.text("name")
    receipt = await room.ask(
        fields.text("text"),
        name=name or None,
        name_hidden=fields.yes("name_hidden"),
        consent=agreed(name, fields.text("consent")),
        via="hall",
        key=fields.id("key"),
        by=by,
    )
    told = Cause("question.entered", number=receipt.number, code=receipt.code)
    path = f"/entered/{receipt.question_id}"
    problem = await photos.keep_asked(fields.form, room.album, receipt.question_id, by=str(by))
    return Shown(told, f"{path}?photo={problem.code}" if problem else path)


async def _ask_for_help(room: Room, by: Actor, fields: Fields) -> Answer:
    """With what is wrong right now, in words."""
    await room.ask_for_help(by, in_words(room.view.value, room.language))
    return None


async def _create_invitation(room: Room, by: Actor, fields: Fields) -> Answer:
    typed = Typed.of(fields.form)
    invitation = await room.create_invitation(
        by,
        typed.role,
        typed.name,
        expires=datetime.now(UTC) + timedelta(days=int(typed.days)),
        lobby=typed.lobby,
        personal=typed.personal,
    )
    return f"/invitation/{invitation.id}"


COMMANDS: Final[Mapping[str, Command]] = {
    "start-meeting": _plain(lambda room, by, _: room.start_meeting(by)),
    "end-meeting": _plain(lambda room, by, _: room.end_meeting(by)),
    "undo-end": _plain(lambda room, by, _: room.undo_end(by)),
    "confirm-presence": _plain(lambda room, by, _: room.confirm_presence(by)),
    "mute-hall": _plain(lambda room, by, f: room.mute_hall(by, f.yes("muted"))),
    "set-volume": _plain(lambda room, by, f: room.set_volume(by, f.number("percent", 0, 100))),
    "set-music": _plain(lambda room, by, f: room.set_music(by, f.yes("playing"))),
    "film": _plain(lambda room, by, f: room.film(by, _filmed(f))),
    "go-to-preset": _plain(
        lambda room, by, f: room.go_to_preset(by, f.id("camera"), f.id("token"))
    ),
    "steer-camera": _plain(
        lambda room, by, f: room.steer_camera(by, f.id("camera"), f.text("hold"), _way(f))
    ),
    "release-camera": _plain(
        lambda room, by, f: room.release_camera(by, f.id("camera"), f.id("hold"))
    ),
    "send-camera-home": _plain(lambda room, by, f: room.send_camera_home(by, f.id("camera"))),
    "save-preset": _plain(lambda room, by, f: room.save_preset(by, f.id("camera"), f.text("name"))),
    "set-camera-right": _plain(lambda room, by, f: room.set_camera_right(by, f.id("camera"))),
    "allow-stand-in": _plain(lambda room, by, f: room.allow_stand_in(by, f.yes("allowed"))),
    "follow-faces": _plain(
        lambda room, by, f: room.follow_faces(by, f.id("camera"), f.yes("wanted"))
    ),
    "want-projector": _plain(lambda room, by, f: room.want_projector(by, f.yes("on"))),
    "cover-projector": _plain(lambda room, by, f: room.cover_projector(by, _cover(f))),
    "set-title": _plain(lambda room, by, f: room.set_title(by, f.text("title"))),
    "watch-hall": _plain(lambda room, by, f: room.watch_hall(by, f.yes("watching"))),
    "test-sound": _plain(lambda room, by, _: room.test_sound(by)),
    "rehearse": _plain(lambda room, by, _: room.rehearse(by)),
    "ask-for-help": _ask_for_help,
    "take-help": _plain(lambda room, by, _: room.take_help(by)),
    "be-quiet": _plain(lambda room, by, f: room.be_quiet(by, f.yes("quiet"))),
    "allow-hall": _plain(lambda room, by, f: room.allow_hall(by, f.yes("allowed"))),
    "admit": _plain(lambda room, by, f: room.admit(by, f.id("guest"))),
    "remove-guest": _plain(lambda room, by, f: room.remove_guest(by, f.id("guest"))),
    "silence-guest": _plain(
        lambda room, by, f: room.silence_guest(by, f.id("guest"), f.yes("silenced"))
    ),
    "note-hand": _plain(lambda room, by, f: room.note_hand(by, f.text("name"))),
    "call-hand": _plain(lambda room, by, f: room.call_hand(by, f.id("hand"))),
    "end-hand": _plain(lambda room, by, f: room.end_hand(by, f.id("hand"))),
    "lower-hand": _plain(lambda room, by, f: room.lower_hand(by, f.id("guest"))),
    "give-floor": _plain(lambda room, by, f: room.give_floor(by, _floor(f))),
    "show-paper": _plain(lambda room, by, f: room.show_paper(by, f.id("paper"))),
    "hide-paper": _plain(lambda room, by, _: room.hide_paper(by)),
    "turn-page": _plain(
        lambda room, by, f: room.turn_page(by, f.id("paper"), f.number("page", 1, MOST_PAGES) - 1)
    ),
    "remove-paper": _plain(lambda room, by, f: room.remove_paper(by, f.id("paper"))),
    "show-hdmi": _plain(lambda room, by, _: room.show_hdmi(by)),
    "hide-hdmi": _plain(lambda room, by, _: room.hide_hdmi(by)),
    "mute-hdmi": _plain(lambda room, by, f: room.mute_hdmi(by, f.yes("muted"))),
    "follow-speaker": _plain(lambda room, by, f: room.follow_speaker(by, f.yes("follow"))),
    "approve-question": _plain(
        lambda room, by, f: room.approve_question(
            by, f.id("question"), hide=_marked(f) is Marked.HIDE
        )
    ),
    "show-question": _plain(lambda room, by, f: room.show_question(by, f.id("question"))),
    "hide-question": _plain(lambda room, by, f: room.hide_question(by, f.id("question"))),
    "answer-question": _answer_question,
    "reword-question": _plain(
        lambda room, by, f: room.reword_question(by, f.id("question"), f.text("text"))
    ),
    "show-photos": _plain(
        lambda room, by, f: room.show_photos(by, f.id("question"), f.yes("shown"))
    ),
    "merge-question": _merge_question,
    "separate-question": _plain(lambda room, by, f: room.separate_question(by, f.id("question"))),
    "dismiss-question": _plain(
        lambda room, by, f: room.dismiss_question(by, f.id("question"), _reason(f))
    ),
    "enter-question": _enter_question,
    "create-invitation": _create_invitation,
    "revoke-invitation": _plain(lambda room, by, f: room.revoke_invitation(by, f.id("invitation"))),
    "join-ward": _plain(lambda room, by, _: room.join_ward(by)),
    "leave-ward": _plain(lambda room, by, _: room.leave_ward(by)),
    "ask-ward": _plain(lambda room, by, f: room.ask_ward(by, f.yes("raised"))),
    "release-invitation": _plain(
        lambda room, by, f: room.release_invitation(by, f.id("invitation"))
    ),
}


def routes(site: Site) -> list[BaseRoute]:
    async def do(request: Request) -> Response:
        """Carry out a command to the room, one of those that the pages' buttons name."""
        identity = site.access.require(request, *IN_THE_HALL)
        command = COMMANDS.get(request.path_params["action"])
        if command is None:
            raise HTTPException(404)
        async with request.form(max_files=photos.most_files(request)) as form:
            fields = Fields(form)
            try:
                answer = await command(site.room, identity.actor, fields)
            except Refused as refused:
                if refused.cause.code != MARKS_OPEN or wants_json(request):
                    raise
                return marks_page(request, fields, _back(request, identity.role))
        if isinstance(answer, str):
            return RedirectResponse(answer, status_code=303)
        if not wants_json(request):
            path = (answer and answer.path) or _back(request, identity.role)
            return RedirectResponse(path, status_code=303)
        if answer is None:
            return Response(status_code=204)
        message = say(answer.cause, site.templates.language_of(request))
        return JSONResponse({"code": answer.cause.code, "message": message, "url": answer.path})

    def marks_page(request: Request, fields: Fields, back: str) -> Response:
        """What points at somebody, before everybody reads it; one tap, and it is answered."""
        question = site.room.receipt_of(fields.id("question"))[0]
        text = fields.text("text") or fields.text("spoken")
        return site.templates.page(
            request,
            "answer_marks.html",
            status_code=status_of(Cause(MARKS_OPEN)),
            question=question,
            text=text,
            marks=marks(question.text) + marks(text),
            who=_who_answered(site.room, fields),
            had_files=photos.has_some(fields.form),
            back=back,
        )

    return [Route("/do/{action}", do, methods=["POST"])]


def _back(request: Request, role: Role) -> str:
    """The page where the button stood."""
    path = local_path(urlsplit(request.headers.get("referer", "")).path)
    return HOME[role] if path == "/" else path

"""Where people deal with cases: what is mine, new, late; one with all that may be done with it.

    office = Office("/work", workplace, worklist, templates, "hub/work.html", …, enter=enter)
    routes = [*routes_of(office)]

    GET  /work?view=late&words=duong+ngo+5      a page of the list
    GET  /work/<case>                           the case, its history, its buttons
    POST /work/<case>/<action>                  take, transfer, publish, …
    GET  /work/<case>/photos/<id>               a photo or a paper of it

A handler sees the cases of his authority; one without an authority sees all. What may be done with
a case is `feedback.actions`' to say; a page that is old is told so and overwrites nobody's work.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from base.cause import Cause, Refused
from feedback import casework
from feedback.actions import Action, Handler, allowed, not_here
from feedback.album import Album
from feedback.attachments import Kind
from feedback.case import Answer, Dossier
from feedback.intake import MOST_CHARACTERS
from feedback.redaction import marks
from feedback.topics import Topic, Urgency
from feedback.worklist import PAGE, View, Worklist
from feedback.workplace import Workplace
from web import photos
from web.errors import status_of
from web.templating import Templates

NOTHING: Final = "-"
"""In a query, for what has no topic, or came through no house."""
_MOST_PAGES: Final = 10_000


@dataclass(frozen=True, slots=True)
class Visit:
    """Who looks, and what the frame of his pages needs besides."""

    by: Handler
    frame: Mapping[str, Any]


async def _no_houses() -> Mapping[str, str]:
    return {}


@dataclass(frozen=True, slots=True)
class Office:
    """A place whose cases are dealt with on these pages."""

    path: str
    workplace: Workplace
    worklist: Worklist
    templates: Templates
    list_template: str
    case_template: str
    album: Callable[[str | None], Album]
    """Of a house's cases, by its id; None of one's own."""
    enter: Callable[[Request], Awaitable[Visit]]
    """Raises what leads whoever may not look to log in."""
    houses: Callable[[], Awaitable[Mapping[str, str]]] = _no_houses
    """At the ward: the names of those whose residents ask, by their ids."""


def routes_of(office: Office) -> list[BaseRoute]:
    pages = _Work(office)
    return [
        Route(office.path, pages.list, methods=["GET"]),
        Route(f"{office.path}/{{case}}", pages.case, methods=["GET"]),
        Route(f"{office.path}/{{case}}/photos/{{id}}", pages.photo, methods=["GET"]),
        Route(f"{office.path}/{{case}}/{{action}}", pages.act, methods=["POST"]),
    ]


class _Work:
    def __init__(self, office: Office) -> None:
        self._office = office
        self._workplace = office.workplace
        self._rules = office.workplace.rules

    async def list(self, request: Request) -> Response:
        visit = await self._office.enter(request)
        by = visit.by
        query = request.query_params
        view = _one_of(View, query.get("view")) or View.NEW
        words, house = query.get("words", "").strip()[:200], query.get("house") or None
        authority, topic = query.get("authority") or None, query.get("topic") or None
        if topic != NOTHING:
            topic = _one_of(Topic, topic)
        page = max(min(_number(query.get("page", "")) or 1, _MOST_PAGES), 1)
        cases = await self._office.worklist.find(
            by,
            view,
            words=words,
            house="" if house == NOTHING else house,
            authority=authority,
            topic="" if topic == NOTHING else topic,
            skip=(page - 1) * PAGE,
            most=PAGE + 1,
        )
        fields = {"words": words, "house": house, "authority": authority, "topic": topic}
        return self._office.templates.page(
            request,
            self._office.list_template,
            **visit.frame,
            work_path=self._office.path,
            authority=self._authority(by),
            counts=await self._office.worklist.counts(by),
            view=view,
            words=words,
            house=house,
            houses=await self._office.houses(),
            only=authority,
            only_name=authority and self._name(authority),
            topic=topic,
            rest=urlencode({name: value for name, value in fields.items() if value}),
            cases=cases[:PAGE],
            page=page,
            more=len(cases) > PAGE,
        )

    async def case(self, request: Request) -> Response:
        visit = await self._office.enter(request)
        return await self._case(request, visit, {}, None)

    async def act(self, request: Request) -> Response:
        """One action on a case; what is refused stays in its form."""
        visit = await self._office.enter(request)
        act = _ACTIONS.get(request.path_params["action"])
        async with request.form(max_files=photos.most_files(request)) as form:
            typed = {name: value for name, value in form.items() if isinstance(value, str)}
            seen = _number(typed.get("seen", ""))
            if act is None or seen is None:
                raise Refused("web.bad_request")
            # He may see only what is his: the same rule for the page and for its buttons.
            dossier = await self._found(request, visit.by)
            try:
                whole = await self._attached(dossier, visit.by, form)
                await act(self, request.path_params["case"], visit.by, seen, whole)
            except Refused as refused:
                if refused.cause.code in {"case.unknown", "web.bad_request"}:
                    raise
                return await self._case(request, visit, typed, refused.cause)
        path = f"{self._office.path}/{request.path_params['case']}"
        return RedirectResponse(path, status_code=303)

    async def photo(self, request: Request) -> Response:
        visit = await self._office.enter(request)
        dossier = await self._found(request, visit.by)
        album = self._office.album(dossier.house)
        return await photos.respond(request, album, lambda one: one.case_id == dossier.case.id)

    async def _attached(self, dossier: Dossier, by: Handler, form: FormData) -> FormData:
        """The form, once what it brings is kept with the draft: so it is there, to be looked at and
        sent again, also where something else is missing. Raises Refused."""
        may = Action.DRAFT in allowed(dossier, self._rules, by)
        if not may or not photos.has_some(form):
            return form
        album = self._office.album(dossier.house)
        found, problem = await photos.sheets(form, album, papers=True)
        added = [
            (photos.CHOSEN, (await album.add(dossier.case.id, Kind.ANSWER, one, by=str(by))).id)
            for one in found
        ]
        if problem is not None:
            raise Refused(problem.code, **problem.params)
        return FormData([*form.multi_items(), *added])

    def _authority(self, by: Handler) -> str | None:
        """The name of whose cases he sees; None for all."""
        return None if by.authority is None else self._name(by.authority)

    def _name(self, authority: str) -> str:
        known = self._rules.routing.authority(authority)
        return known.name if known else authority

    async def _found(self, request: Request, by: Handler) -> Dossier:
        """Raises Refused: `case.unknown`, `case.not_yours`."""
        dossier = await self._workplace.find(request.path_params["case"])
        owners = {dossier.work.owner.code, getattr(dossier.work.transfer_to, "code", None)}
        if by.authority is not None and by.authority not in owners:
            raise Refused("case.not_yours", owner=dossier.work.owner.name)
        return dossier

    async def _case(
        self, request: Request, visit: Visit, typed: Mapping[str, str], problem: Cause | None
    ) -> Response:
        by = visit.by
        dossier = await self._found(request, by)
        work, case = dossier.work, dossier.case
        album = self._office.album(dossier.house)
        attached = (await album.of_cases([case.id])).get(case.id, ())
        draft = work.draft or Answer(
            case.answer or "", work.office or work.owner.name, work.done_on
        )
        shown = {
            "action": "",
            "to": "",
            "reason": "",
            "next_holder": "",
            "text": draft.text,
            "office": draft.office,
            "done_on": draft.done_on.isoformat() if draft.done_on else "",
            "public_text": case.public_text or case.text,
            **typed,
        }
        away = not_here(case, self._rules, dossier.house)
        return self._office.templates.page(
            request,
            self._office.case_template,
            status_code=status_of(problem) if problem else 200,
            **visit.frame,
            work_path=self._office.path,
            by=by,
            away=Cause(away) if away else None,
            dossier=dossier,
            case=case,
            work=work,
            house=(await self._office.houses()).get(dossier.house or ""),
            residents_photos=[one for one in attached if one.was_asked_with],
            attached=[one for one in attached if not one.was_asked_with],
            history=await self._workplace.history(case.id),
            may=allowed(dossier, self._rules, by),
            authorities=self._rules.routing.authorities,
            topics=tuple(Topic),
            marks=marks(shown["public_text"]) + marks(shown["text"]),
            typed=shown,
            problem=problem,
            most=MOST_CHARACTERS,
        )

    # Each of the actions

    async def _confirm_topic(self, case: str, by: Handler, seen: int, form: FormData) -> None:
        topic = _one_of(Topic, _text(form, "topic"))
        if topic is None:
            raise Refused("web.bad_request")
        await self._workplace.do(casework.confirm_topic, case, by, seen, topic)

    async def _urgency(self, case: str, by: Handler, seen: int, form: FormData) -> None:
        urgency = _one_of(Urgency, _text(form, "urgency"))
        if urgency is None:
            raise Refused("web.bad_request")
        await self._workplace.do(casework.set_urgency, case, by, seen, urgency)

    async def _take(self, case: str, by: Handler, seen: int, _: FormData) -> None:
        await self._workplace.do(casework.take, case, by, seen)

    async def _accept(self, case: str, by: Handler, seen: int, _: FormData) -> None:
        await self._workplace.do(casework.accept, case, by, seen)

    async def _transfer(self, case: str, by: Handler, seen: int, form: FormData) -> None:
        to, reason = _text(form, "to"), _text(form, "reason")
        await self._workplace.do(casework.transfer, case, by, seen, to, reason)

    async def _send_back(self, case: str, by: Handler, seen: int, form: FormData) -> None:
        to, reason = _text(form, "to"), _text(form, "reason")
        await self._workplace.do(casework.send_back, case, by, seen, to, reason)

    async def _draft(self, case: str, by: Handler, seen: int, form: FormData) -> None:
        await self._workplace.do(casework.draft_answer, case, by, seen, _answer(form))
        await self._drop(case, form)

    async def _drop(self, case: str, form: FormData) -> None:
        """What the page showed with the draft, and he does not want with it."""
        dossier = await self._workplace.find(case)
        for one in {*form.getlist(photos.LISTED)} - {*form.getlist(photos.CHOSEN)}:
            await self._office.album(dossier.house).remove(case, str(one))

    async def _publish(self, case: str, by: Handler, seen: int, form: FormData) -> None:
        await self._workplace.do(
            casework.publish,
            case,
            by,
            seen,
            _answer(form),
            public_text=_text(form, "public_text") or None,
            despite_marks=_text(form, "despite_marks") == "yes",
            attached=[str(one) for one in form.getlist(photos.CHOSEN)],
            photos_shown=_text(form, "photos_shown") == "yes",
        )
        await self._drop(case, form)

    async def _refuse(self, case: str, by: Handler, seen: int, form: FormData) -> None:
        reason, holder = _text(form, "reason"), _text(form, "next_holder")
        await self._workplace.do(casework.refuse, case, by, seen, reason, holder)

    async def _reopen(self, case: str, by: Handler, seen: int, form: FormData) -> None:
        await self._workplace.do(casework.reopen, case, by, seen, _text(form, "reason"))


_Act = Callable[[_Work, str, Handler, int, FormData], Awaitable[None]]

_ACTIONS: Final[Mapping[str, _Act]] = {
    "topic": _Work._confirm_topic,
    "urgency": _Work._urgency,
    "take": _Work._take,
    "accept": _Work._accept,
    "transfer": _Work._transfer,
    "send-back": _Work._send_back,
    "draft": _Work._draft,
    "publish": _Work._publish,
    "refuse": _Work._refuse,
    "reopen": _Work._reopen,
}


def _answer(form: FormData) -> Answer:
    """Raises Refused `case.date_missing` where the day is none."""
    typed = _text(form, "done_on")
    try:
        done_on = date.fromisoformat(typed) if typed else None
    except ValueError:
        raise Refused("case.date_missing") from None
    return Answer(_text(form, "text"), _text(form, "office"), done_on)


def _number(typed: str) -> int | None:
    return int(typed) if re.fullmatch(r"[0-9]{1,9}", typed) else None


def _text(form: FormData, field: str) -> str:
    value = form.get(field, "")
    if not isinstance(value, str):
        raise Refused("web.bad_request")
    return value.strip()


def _one_of(kind: Any, typed: str | None) -> Any:
    """The member with this value; None where there is none."""
    return next((member for member in kind if member.value == typed), None)

"""What somebody asks about his own data: one request, its row, and how it travels.

A request is decided where its case is at home. The other side keeps what it was told of it, so that
the receipt shows the same wherever it is looked up, and does the same to what it has of the case.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Final

from pydantic import AwareDatetime, StringConstraints, TypeAdapter
from sqlalchemy import Row

from feedback.handover import Id, Line, Text, read
from feedback.outbox import Parcel


class Kind(StrEnum):
    REMOVE_NAME = "remove_name"
    CORRECT_NAME = "correct_name"
    ERASE = "erase"
    """All that was said in the case."""


class RequestState(StrEnum):
    WAITING = "waiting"
    DONE = "done"
    REDACTED = "redacted"
    """Instead of being erased: a public answer stays, with nothing of the question but what
    everybody may read."""
    REFUSED = "refused"
    """With a reason."""


@dataclass(frozen=True, slots=True)
class DataRequest:
    id: str
    case_id: str
    receipt: str
    """Of the case, without hyphens."""
    house: str | None
    """At the ward: whose resident asks."""
    kind: Kind
    name: str | None
    """As it should be."""
    via: str
    """`receipt`, `paper`, `telephone`; `rule`: nobody asked, it was time."""
    asked_at: datetime
    due_at: datetime
    due_rule: str
    """Where that is laid down, for everybody to read."""
    state: RequestState = RequestState.WAITING
    text: str | None = None
    """Why it was refused; or what stays public."""
    decided_by: str | None = None
    decided_at: datetime | None = None
    reminded_at: datetime | None = None
    told: bool = False
    """The other side knows this state."""

    def late_at(self, now: datetime) -> bool:
        return (self.decided_at or now) > self.due_at


_Word = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,31}$")]


@dataclass(frozen=True, slots=True)
class Told:
    """Both ways: so a request stands."""

    kind: ClassVar = "privacy"
    id: Id
    case: Id
    what: Kind
    via: _Word
    asked_at: AwareDatetime
    due_at: AwareDatetime
    due_rule: Line
    state: RequestState
    name: Line | None = None
    text: Text | None = None
    decided_by: Line | None = None
    decided_at: AwareDatetime | None = None


_TOLD: Final = TypeAdapter(Told)


def read_told(body: Mapping[str, Any]) -> Told | None:
    """None where it makes no sense, which the log tells."""
    return read(_TOLD, body)


def parcel_of(request: DataRequest) -> Parcel:
    told = Told(
        id=request.id,
        case=request.case_id,
        what=request.kind,
        via=request.via,
        asked_at=request.asked_at,
        due_at=request.due_at,
        due_rule=request.due_rule,
        state=request.state,
        name=request.name,
        text=request.text,
        decided_by=request.decided_by,
        decided_at=request.decided_at,
    )
    body = _TOLD.dump_python(told, mode="json")
    name = f"{Told.kind}-{request.id}-{request.state}"
    return Parcel(name, Told.kind, body, subject=request.case_id)


def of_told(told: Told, *, receipt: str, house: str | None) -> DataRequest:
    """As it is kept here: whoever told it knows this state."""
    return DataRequest(
        id=told.id,
        case_id=told.case,
        receipt=receipt,
        house=house,
        kind=told.what,
        name=told.name,
        via=told.via,
        asked_at=told.asked_at,
        due_at=told.due_at,
        due_rule=told.due_rule,
        state=told.state,
        text=told.text,
        decided_by=told.decided_by,
        decided_at=told.decided_at,
        told=True,
    )


def request_of(row: Row[Any]) -> DataRequest:
    """A row of `data_requests`."""
    values = dict(row._mapping)
    return DataRequest(
        **values | {"kind": Kind(values["kind"]), "state": RequestState(values["state"])}
    )


def values_of(request: DataRequest) -> dict[str, Any]:
    return asdict(request) | {"kind": request.kind.value, "state": request.state.value}

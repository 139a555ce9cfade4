"""What is answered in JSON, each shape under its name."""

from typing import Final

from devices.device import Condition
from devices.judging import Fault
from feedback.case import CaseState
from feedback.grievances import Grievance
from feedback.topics import Topic
from rooms.rehearsal import Outcome, Verdict
from web.openapi.shapes import (
    MAYBE,
    MAYBE_MOMENT,
    MAYBE_NUMBER,
    MOMENT,
    TEXT,
    Schema,
    list_of,
    ref,
    shape,
)

_PROGRESS: Final = (
    *("case_state", "owner", "due_at", "due_rule", "transfer_to"),
    *("office", "done_on", "next_holder", "reopened", "rating"),
)
"""Not of a house that does not tell its hub of it yet."""

SCHEMAS: Final[Schema] = {
    "Problem": shape(code=TEXT, message=TEXT),
    "Health": shape(
        status={"enum": ["ok", "impaired", "failed"]},
        version=TEXT,
        storage={"enum": ["ok", "failed"]},
        phase={"enum": ["idle", "opening", "live", "closing"]},
        link={"enum": ["none", "connecting", "linked", "away"]},
        relay=shape(
            condition={"enum": ["none", "unmeasured", "working", "limited", "failed"]},
            code=MAYBE,
            params={"type": "object"},
        ),
        echo=shape(
            state={"enum": ["measuring", "ready", "loud", "unheard"]},
            left=MAYBE_NUMBER,
            heard=MAYBE_NUMBER,
            delay={"type": ["number", "null"]},
        ),
        rehearsal={"oneOf": [ref("Rehearsal"), {"type": "null"}]},
        signals=list_of(
            shape(
                id=TEXT,
                kind=TEXT,
                condition={"enum": list(Condition)},
                since=MOMENT,
                code=MAYBE,
                params={"type": "object"},
                words=MAYBE,
            )
        ),
        devices=list_of(
            shape(
                ("picture",),
                id=TEXT,
                kind=TEXT,
                condition=TEXT,
                code=MAYBE,
                picture={"enum": ["well", "unmeasured", *Fault]},
            )
        ),
    ),
    "Rehearsal": shape(
        verdict={"enum": list(Verdict)},
        ended_at=MAYBE_MOMENT,
        found=list_of(
            shape(
                subject=TEXT,
                outcome={"enum": list(Outcome)},
                code=TEXT,
                params={"type": "object"},
            )
        ),
    ),
    "HubHealth": shape(
        status={"enum": ["ok", "failed"]}, version=TEXT, storage={"enum": ["ok", "failed"]}
    ),
    "Receipt": shape(
        ("advice",), receipt=TEXT, number={"type": "integer"}, url=TEXT, advice=ref("Advice")
    ),
    "Published": shape(
        questions=list_of(shape(("url",), id=TEXT, text=TEXT, open={"type": "boolean"}, url=TEXT))
    ),
    "Advice": shape(
        kind={"enum": [kind.value for kind in Grievance]},
        message=TEXT,
        name=TEXT,
        address=MAYBE,
        hours=TEXT,
        telephone=MAYBE,
    ),
    "OwnData": shape(
        format=TEXT,
        at=MOMENT,
        receipt=TEXT,
        case={"type": ["object", "null"]},
        copy={"type": ["object", "null"]},
        history=list_of({"type": "object"}),
        photos=list_of({"type": "object"}),
        votes={"type": "integer"},
        on_its_way={"type": "integer"},
        ledger={"type": ["object", "null"]},
        requests=list_of({"type": "object"}),
    ),
    "Question": shape(
        _PROGRESS,
        receipt=TEXT,
        number={"type": "integer"},
        text=TEXT,
        state={"enum": ["waiting", "approved", "on_stage", "answered", "dismissed"]},
        asked_at=MOMENT,
        public_text=MAYBE,
        merged_into=MAYBE_NUMBER,
        asked_into=MAYBE_NUMBER,
        answer=MAYBE,
        answered_by=MAYBE,
        answered_into=MAYBE_NUMBER,
        origin={"enum": ["house", "ward"]},
        home={"enum": ["house", "ward"]},
        over={"type": "boolean"},
        erased_at=MAYBE_MOMENT,
        consent=MAYBE,
        consented_at=MAYBE,
        name_hidden={"type": "boolean"},
        ledger=ref("Mark"),
        case_state={"enum": ["waiting", "in_progress", "transferred", "answered", "refused"]},
        owner=TEXT,
        due_at=MOMENT,
        due_rule=TEXT,
        transfer_to=MAYBE,
        office=MAYBE,
        done_on=MAYBE,
        next_holder=MAYBE,
        reopened={"type": "integer"},
        rating=MAYBE_NUMBER,
    ),
    "Ledger": shape(
        whose={"enum": ["house", "ward"]},
        sums={"type": ["object", "null"], "additionalProperties": {"type": "integer"}},
        in_time={"type": "integer"},
        closed_with_deadline={"type": "integer"},
        at=MAYBE,
        export=MAYBE,
        heads=TEXT,
    ),
    "Mark": {
        "type": ["object", "null"],
        "required": ["number", "hash", "proof", "export"],
        "properties": {
            "number": {"type": "integer"},
            "hash": TEXT,
            "proof": {"type": ["object", "null"]},
            "export": TEXT,
        },
    },
    "Asked": shape(
        questions=list_of(
            shape(
                id=TEXT,
                number={"type": "integer"},
                text=TEXT,
                on_stage={"type": "boolean"},
                askers={"type": "integer"},
                joined={"type": "boolean"},
            )
        )
    ),
    "PublicCase": shape(
        id={"type": "string", "description": "Stays the same, in the house and at its ward."},
        number={"type": "integer", "description": "In its meeting."},
        topic={"enum": [*Topic, None], "description": "A suggestion, until a person says."},
        state={"enum": list(CaseState)},
        text={"type": "string", "description": "As it was published."},
        asked_at=MOMENT,
        owner={"type": ["string", "null"], "description": "The authority that has it."},
        due_at=MAYBE_MOMENT,
        answer=MAYBE,
        answered_at=MAYBE_MOMENT,
        answered_by=MAYBE,
        office={"type": ["string", "null"], "description": "That answered outside of a meeting."},
        done_on={"type": ["string", "null"], "format": "date"},
        in_time={"type": ["boolean", "null"], "description": "Null while it is open."},
    ),
    "PublicCases": shape(cases=list_of(ref("PublicCase")), next=MAYBE),
    "Board": shape(
        page={"type": "integer"},
        more={"type": "boolean"},
        questions=list_of(ref("PublicCase")),
        ledgers=list_of(ref("Ledger")),
    ),
}

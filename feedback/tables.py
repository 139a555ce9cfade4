"""The tables of the cases; `storage/migrations` creates them."""

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    false,
)

from storage.moment import Moment

metadata = MetaData()

cases = Table(
    "cases",
    metadata,
    Column("id", String, primary_key=True),
    Column("receipt", String, nullable=False, unique=True),
    Column("key_sha256", LargeBinary(32), nullable=False, unique=True),
    Column("text", String, nullable=False),
    Column("name", String, nullable=True),
    Column("via", String, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("state", String, nullable=False),
    Column("answer", String, nullable=True),
    Column("answered_by", String, nullable=True),
    Column("answered_at", Moment, nullable=True),
    Column("house", String, nullable=True, index=True),
    Column("origin", String, nullable=False, server_default="house"),
    Column("home", String, nullable=False, server_default="house"),
    Column("revision", Integer, nullable=False, server_default="0"),
    Column("told", Boolean, nullable=False, server_default=false()),
    Column("name_hidden", Boolean, nullable=False, server_default=false()),
    Column("public_text", String, nullable=True),
    Column("handed", Boolean, nullable=False, server_default=false()),
    Column("number", Integer, nullable=True),
    Column("folded", String, nullable=False, server_default=""),
    Column("same_as", String, nullable=True, index=True),
    Column("sought", String, nullable=False, server_default=""),
    Column("consent_version", String, nullable=True),
    Column("consented_at", Moment, nullable=True),
    Column("erased_at", Moment, nullable=True),
    Column("address", String, nullable=True),
    Column("address_id", String, nullable=True),
    Column("lat", Float, nullable=True),
    Column("long", Float, nullable=True),
    Column("media_url", String, nullable=True),
    Index("ix_cases_answered", "house", "state", "same_as", "answered_at", "id"),
)
"""`house` is null in a house, whose all are. `revision` counts the states that were stored; `told`
says whether the other side was told of the last one. `number` is null in a house, whose meetings
know it. `folded` is the text for searching (`feedback.folding.fold`), `sought` what everybody reads
of it, once everybody may (`feedback.board`). `consent…` is the consent to `name` being kept.
`erased_at` is of one whose words were erased (`feedback.erasing`). From
`address` on it is for whoever deals with it."""

case_work = Table(
    "case_work",
    metadata,
    Column("case_id", String, ForeignKey("cases.id"), primary_key=True),
    Column("owner", String, nullable=False, index=True),
    Column("owner_name", String, nullable=False),
    Column("due_from", Moment, nullable=False),
    Column("due_at", Moment, nullable=False, index=True),
    Column("due_rule", String, nullable=False),
    Column("topic", String, nullable=True),
    Column("confidence", Float, nullable=True),
    Column("topic_by", String, nullable=True),
    Column("topic_sought", Boolean, nullable=False, server_default=false()),
    Column("urgency", String, nullable=False),
    Column("transfer_to", String, nullable=True),
    Column("transfer_to_name", String, nullable=True),
    Column("assignee", String, nullable=True, index=True),
    Column("assignee_name", String, nullable=True),
    Column("draft", String, nullable=True),
    Column("draft_office", String, nullable=True),
    Column("draft_done_on", Date, nullable=True),
    Column("draft_by", String, nullable=True),
    Column("office", String, nullable=True),
    Column("done_on", Date, nullable=True),
    Column("next_holder", String, nullable=True),
    Column("reopened", Integer, nullable=False, server_default="0"),
    Column("rating", Integer, nullable=True),
    Column("reminded_at", Moment, nullable=True),
    Column("escalated_at", Moment, nullable=True),
)
"""One row for each of `cases`, from the same transaction: none is without an owner and a deadline.
`topic_sought` says whether a suggestion was asked for, so that an abstention is not asked again."""

case_copies = Table(
    "case_copies",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("id", String, nullable=False, unique=True),
    Column("house", String, nullable=False, index=True),
    Column("receipt", String, nullable=False, unique=True),
    Column("revision", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("text", String, nullable=False),
    Column("origin", String, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("state", String, nullable=False),
    Column("answer", String, nullable=True),
    Column("answered_by", String, nullable=True),
    Column("answered_at", Moment, nullable=True),
    Column("public_text", String, nullable=True),
    Column("same_as", String, nullable=True),
    Column("asked_into", Integer, nullable=True),
    Column("answered_into", Integer, nullable=True),
    Column("over", Boolean, nullable=False, server_default=false()),
    Column("case_state", String, nullable=True),
    Column("owner", String, nullable=True),
    Column("due_at", Moment, nullable=True),
    Column("due_rule", String, nullable=True),
    Column("transfer_to", String, nullable=True),
    Column("office", String, nullable=True),
    Column("done_on", Date, nullable=True),
    Column("next_holder", String, nullable=True),
    Column("reopened", Integer, nullable=False, server_default="0"),
    Column("rating", Integer, nullable=True),
    Column("votes", Integer, nullable=False, server_default="0"),
    Column("meeting", String, nullable=True),
    Column("topic", String, nullable=True),
    Column("sought", String, nullable=False, server_default=""),
    Column("name_hidden", Boolean, nullable=False, server_default=false()),
    Column("consent_version", String, nullable=True),
    Column("consented_at", Moment, nullable=True),
    Column("erased_at", Moment, nullable=True),
    Column("ledger_number", Integer, nullable=True),
    Column("ledger_hash", String, nullable=True),
    Column("changed_at", Moment, nullable=True),
    Index("ix_case_copies_answered", "house", "state", "same_as", "answered_at", "id"),
    sqlite_autoincrement=True,
)
"""At the ward, of the cases that are at home in a house; `seq` is the order in which they came.
From `case_state` to `rating`, and `topic`, it is `feedback.case.Progress`, which an older house
does not tell. `sought` as in `cases`. `ledger_number` and
`ledger_hash` are of the entry in the house's ledger with which the case begins there,
`changed_at` is when the ward heard of it last."""

case_votes = Table(
    "case_votes",
    metadata,
    Column("case_id", String, primary_key=True),
    Column("device", LargeBinary(32), primary_key=True),
    Column("meeting", String, nullable=False),
    Column("at", Moment, nullable=False),
    Index("ix_case_votes_device", "device", "meeting"),
)
"""In a house, and at the ward of the cases that it has a copy of; `meeting` is what the budget of a
device is counted by."""

case_history = Table(
    "case_history",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("case_id", String, ForeignKey("cases.id"), nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("who", String, nullable=False),
    Column("what", String, nullable=False),
    Column("text", String, nullable=True),
    Column("about", String, nullable=True),
    sqlite_autoincrement=True,
)

ledger = Table(
    "ledger",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("hash", String, nullable=False, unique=True),
    Column("line", String, nullable=False),
    Column("history", Integer, nullable=True),
)
"""`line` is what everybody gets to see (`feedback.ledger_lines`); `history` is the line of the
case's history that it commits to, and for the house itself to know."""

case_seals = Table(
    "case_seals",
    metadata,
    Column("case_id", String, primary_key=True),
    Column("number", Integer, nullable=False),
    Column("salt", LargeBinary(32), nullable=True),
)
"""Where in the ledger a case begins, and what its commitments are salted with; null once the case
was erased. It outlives the case, so that nothing follows on one that was erased."""

ledger_heads = Table(
    "ledger_heads",
    metadata,
    Column("day", String, primary_key=True),
    Column("line", String, nullable=False),
)
"""This ledger's own, one a day, in UTC."""

kept_heads = Table(
    "kept_heads",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("house", String, nullable=False, index=True),
    Column("line", String, nullable=False),
    sqlite_autoincrement=True,
)
"""At the ward, of the ledgers of its houses."""

outbox = Table(
    "outbox",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("receiver", String, nullable=False),
    Column("id", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("body", String, nullable=False),
    Column("subject", String, nullable=True),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("due_at", Moment, nullable=True),
    Column("given_up_at", Moment, nullable=True),
    Column("problem", String, nullable=True),
    UniqueConstraint("receiver", "id", name="outbox_once"),
    Index("outbox_by_subject", "receiver", "subject", "seq"),
    sqlite_autoincrement=True,
)
"""`subject` is the case whose order counts. The last five are for receivers that
`feedback.delivery` serves: `due_at` is the next attempt, null means now."""

outward = Table(
    "outward",
    metadata,
    Column("target", String, primary_key=True),
    Column("history", Integer, nullable=False),
)
"""How far in `case_history` each target was told."""

outbox_receivers = Table(
    "outbox_receivers",
    metadata,
    Column("receiver", String, primary_key=True),
    Column("stopped_at", Moment, nullable=False),
    Column("problem", String, nullable=False),
)
"""Those that asked for nothing more."""

slips = Table(
    "slips",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("receipt", String, nullable=False, unique=True),
    Column("sheet", String, nullable=False, index=True),
    Column("made_at", Moment, nullable=False),
    Column("case_id", String, ForeignKey("cases.id"), nullable=True),
    sqlite_autoincrement=True,
)

mails = Table(
    "mails",
    metadata,
    Column("key", String, primary_key=True),
    Column("sender", LargeBinary(32), nullable=False),
    Column("case_id", String, nullable=True, index=True),
    Column("at", Moment, nullable=False),
    Index("ix_mails_sender", "sender", "at"),
)
"""Those that were received (`feedback.mail.kept`); `sender` is a digest. Without a case it said
nothing."""

post_health = Table(
    "post_health",
    metadata,
    Column("name", String, primary_key=True),
    Column("well_at", Moment, nullable=True),
    Column("hint", String, nullable=True),
    Column("problem", String, nullable=True),
    Column("since", Moment, nullable=True),
)
"""How it goes with what is read and with what is sent to (`feedback.post_health`)."""

attachments = Table(
    "attachments",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("id", String, nullable=False, unique=True),
    Column("case_id", String, nullable=False, index=True),
    Column("house", String, nullable=True, index=True),
    Column("kind", String, nullable=False),
    Column("type", String, nullable=False),
    Column("sha256", String, nullable=False),
    Column("size", Integer, nullable=False),
    Column("width", Integer, nullable=True),
    Column("height", Integer, nullable=True),
    Column("added_at", Moment, nullable=False),
    Column("public", Boolean, nullable=False, server_default=false()),
    Column("to_send", Boolean, nullable=False, server_default=false()),
    Column("sent", Integer, nullable=False, server_default="0"),
    Column("small", LargeBinary, nullable=True),
    Column("content", LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)
"""Photos and papers. The case may be one of `cases` or, at the ward, of `case_copies`; `house` is
null in a house. `to_send`: the other side is to have it, and has the first `sent` pieces. What is
large stands last: whoever lists them does not read it."""

attachment_pieces = Table(
    "attachment_pieces",
    metadata,
    Column("attachment", String, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("case_id", String, nullable=False, index=True),
    Column("content", LargeBinary, nullable=False),
)
"""What has come so far of one that the other side sends."""

data_requests = Table(
    "data_requests",
    metadata,
    Column("id", String, primary_key=True),
    Column("case_id", String, nullable=False, index=True),
    Column("receipt", String, nullable=False),
    Column("house", String, nullable=True),
    Column("kind", String, nullable=False),
    Column("name", String, nullable=True),
    Column("via", String, nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("due_rule", String, nullable=False),
    Column("state", String, nullable=False, index=True),
    Column("text", String, nullable=True),
    Column("decided_by", String, nullable=True),
    Column("decided_at", Moment, nullable=True),
    Column("reminded_at", Moment, nullable=True),
    Column("told", Boolean, nullable=False, server_default=false()),
)
"""What people ask about their own data, wherever their case is at home: at the ward there are cases
of which it has a copy alone. `text` is the reason for a refusal, or what stays public. `told` says
whether the other side knows this state."""

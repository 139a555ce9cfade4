"""The tables of the rooms; `storage/migrations` creates them."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)

from feedback.tables import cases
from storage.moment import Moment

metadata = MetaData()

meetings = Table(
    "meetings",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("id", String, nullable=False, unique=True),
    Column("title", String, nullable=False),
    Column("phase", String, nullable=False),
    Column("over", Boolean, nullable=False),
    Column("started_at", Moment, nullable=True),
    Column("alive_at", Moment, nullable=True),
    Column("muted", Boolean, nullable=False),
    Column("follows_speaker", Boolean, nullable=False),
    Column("awaits_confirmation", Boolean, nullable=False),
    Column("projector", Boolean, nullable=True),
    sqlite_autoincrement=True,
)

invitations = Table(
    "invitations",
    metadata,
    Column("id", String, primary_key=True),
    Column("meeting_id", String, ForeignKey("meetings.id"), nullable=True),
    Column("role", String, nullable=False),
    Column("name_hint", String, nullable=False),
    Column("lobby", Boolean, nullable=False),
    Column("expires", Moment, nullable=False),
    Column("revoked", Boolean, nullable=False),
    Column("personal", Boolean, nullable=False),
    Column("holder_sha256", LargeBinary(32), nullable=True),
    Column("account", String, nullable=True),
    Column("plan_id", String, nullable=True),
    Column("inviter", String, nullable=True),
)

plans = Table(
    "plans",
    metadata,
    Column("id", String, primary_key=True),
    Column("title", String, nullable=False),
    Column("starts", Moment, nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("planned_by", String, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("state", String, nullable=False),
    Column("refusal", String, nullable=True),
    Column("meeting_id", String, nullable=True),
)

guests = Table(
    "guests",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("id", String, nullable=False, unique=True),
    Column("meeting_id", String, ForeignKey("meetings.id"), nullable=False, index=True),
    Column("invitation_id", String, ForeignKey("invitations.id"), nullable=False),
    Column("name", String, nullable=False),
    Column("role", String, nullable=False),
    Column("admitted", Boolean, nullable=False),
    Column("gone", String, nullable=True),
    Column("silenced", Boolean, nullable=False),
    Column("microphone", Boolean, nullable=False),
    Column("camera", Boolean, nullable=False),
    Column("sharing", Boolean, nullable=False),
    Column("hand", Integer, nullable=True),
    Column("turn", Integer, nullable=False, server_default="0"),
    sqlite_autoincrement=True,
)

hall_hands = Table(
    "hall_hands",
    metadata,
    Column("id", String, primary_key=True),
    Column("meeting_id", String, ForeignKey("meetings.id"), nullable=False, index=True),
    Column("name", String, nullable=False),
    Column("place", Integer, nullable=False),
    Column("called", Boolean, nullable=False),
    Column("done", Boolean, nullable=False),
)

questions = Table(
    "questions",
    metadata,
    Column("case_id", String, ForeignKey(cases.c.id), primary_key=True),
    Column("meeting_id", String, ForeignKey("meetings.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("state", String, nullable=False, index=True),
    Column("own_state", String, nullable=True),
    Column("whence", String, nullable=False, server_default="absent"),
    Column("asked_into", Integer, nullable=True),
    Column("answered_into", Integer, nullable=True),
    Column("shown_at", Moment, nullable=True),
    UniqueConstraint("meeting_id", "number"),
)
"""`own_state` is of a question that was merged into another: as it was before."""

journal = Table(
    "journal",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("meeting_id", String, nullable=False),
    Column("role", String, nullable=False),
    Column("name", String, nullable=False),
    Column("action", String, nullable=False),
    Column("params", JSON, nullable=False),
    sqlite_autoincrement=True,
)

device_health = Table(
    "device_health",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("device", String, nullable=False, index=True),
    Column("condition", String, nullable=False),
    Column("code", String, nullable=True),
    Column("params", JSON, nullable=False),
    Column("at", Moment, nullable=False),
    sqlite_autoincrement=True,
)

numbers = Table(
    "numbers",
    metadata,
    Column("signal", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("step", Integer, primary_key=True),
    Column("slot", BigInteger, primary_key=True, autoincrement=False),
    Column("least", Float, nullable=False),
    Column("most", Float, nullable=False),
    Column("total", Float, nullable=False),
    Column("times", Integer, nullable=False),
)
"""`slot` is when the row begins, in seconds of Unix time, `step` how many seconds it stands for."""

room_values = Table(
    "room_values",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", JSON, nullable=False),
)

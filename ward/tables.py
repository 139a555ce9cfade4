"""The tables of the ward; `storage/migrations` creates them.

What people and houses prove themselves with stands here as hashes only. What the processes of one
hub share among themselves stands here as it is: whoever reads this database is the hub.
"""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
)

from storage.moment import Moment

metadata = MetaData()

houses = Table(
    "ward_houses",
    metadata,
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("enrolled_at", Moment, nullable=True),
    Column("key_sha256", LargeBinary(32), nullable=True),
    Column("linked_to", String, nullable=True),
    Column("linked_at", Moment, nullable=True),
    Column("seen_at", Moment, nullable=True),
    Column("summary", String, nullable=True),
)

plans = Table(
    "ward_plans",
    metadata,
    Column("house_id", String, ForeignKey("ward_houses.id"), primary_key=True),
    Column("id", String, primary_key=True),
    Column("proposed", Boolean, nullable=False),
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

meetings = Table(
    "ward_meetings",
    metadata,
    Column("id", String, primary_key=True),
    Column("title", String, nullable=False),
    Column("starts", Moment, nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("state", String, nullable=False, index=True),
    Column("speaker", String, nullable=True),
    Column("speaker_name", String, nullable=True),
    Column("floor", String, nullable=True),
    Column("stream", String, nullable=True),
    Column("stream_url", String, nullable=True),
)

meeting_houses = Table(
    "ward_meeting_houses",
    metadata,
    Column("meeting_id", String, ForeignKey("ward_meetings.id"), primary_key=True),
    Column("house_id", String, ForeignKey("ward_houses.id"), primary_key=True),
    Column("plan_id", String, nullable=False),
    Column("hand_at", Moment, nullable=True),
)

meeting_acts = Table(
    "ward_meeting_acts",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("meeting_id", String, ForeignKey("ward_meetings.id"), nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("by", String, nullable=False),
    Column("what", String, nullable=False),
    Column("house_id", String, nullable=True),
    sqlite_autoincrement=True,
)

codes = Table(
    "ward_codes",
    metadata,
    Column("selector", String, primary_key=True),
    Column("secret_sha256", LargeBinary(32), nullable=False),
    Column("purpose", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("expires_at", Moment, nullable=False),
)

failures = Table(
    "ward_failures",
    metadata,
    Column("what_sha256", LargeBinary(32), primary_key=True),
    Column("count", Integer, nullable=False),
    Column("until", Moment, nullable=False),
)

accounts = Table(
    "ward_accounts",
    metadata,
    Column("id", String, primary_key=True),
    Column("login", String, nullable=False, unique=True),
    Column("name", String, nullable=False),
    Column("role", String, nullable=False),
    Column("authority", String, nullable=True),
    Column("argon2", String, nullable=True),
    Column("closed", Boolean, nullable=False),
    Column("created_at", Moment, nullable=False),
)

sessions = Table(
    "ward_sessions",
    metadata,
    Column("token_sha256", LargeBinary(32), primary_key=True),
    Column("id", String, nullable=False, unique=True),
    Column("account_id", String, ForeignKey("ward_accounts.id"), nullable=False, index=True),
    Column("opened_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
)

processes = Table(
    "ward_processes",
    metadata,
    Column("id", String, primary_key=True),
    Column("address", String, nullable=False),
    Column("key", String, nullable=False),
    Column("seen_at", Moment, nullable=False),
)

secrets = Table(
    "ward_secrets",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", LargeBinary, nullable=False),
)

alerts = Table(
    "ward_alerts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("house_id", String, ForeignKey("ward_houses.id"), nullable=True),
    Column("key", String, nullable=False),
    Column("code", String, nullable=False),
    Column("params", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("began_at", Moment, nullable=False),
    Column("raised_at", Moment, nullable=True),
    Column("gone_at", Moment, nullable=True),
    Column("over_at", Moment, nullable=True, index=True),
    Column("acknowledged_by", String, nullable=True),
    Column("acknowledged_at", Moment, nullable=True),
    Column("told", Boolean, nullable=False),
    Column("told_over", Boolean, nullable=False),
    Column("try_at", Moment, nullable=True),
    sqlite_autoincrement=True,
)
"""Without a house it is the hub itself."""

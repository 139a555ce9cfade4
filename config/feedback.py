"""Who answers what, and until when: the table `[feedback]` of a house's or a hub's file.

    [feedback]
    default_authority = "office"
    days_off = [2027-02-03]
    working_days = [2027-02-20]

    [[feedback.authorities]]
    code = "office"
    name = "Văn phòng HĐND và UBND phường"
    topics = ["procedures", "other"]

    [[feedback.deadlines]]
    working_hours = 8
    urgent = true
    rule = "Cam kết của phường"

Everything has a default that suits a ward (phường) of today: a resident's matter always has an
owner and a deadline. The first deadline that fits counts. What is said of the law stands here with
its source, so that a ward can change it when the law does.
"""

from datetime import date
from typing import Annotated, Final, Literal

from pydantic import Field

from config.section import Identifier, Name, Section

TopicCode = Literal[
    "environment",
    "urban-order",
    "procedures",
    "social-security",
    "block-life",
    "public-safety",
    "infrastructure",
    "other",
]

Span = Annotated[
    str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$")
]
"""`07:30-11:30`"""


class AuthoritySection(Section):
    code: Identifier
    name: Name
    topics: tuple[TopicCode, ...] = ()
    """What it answers; each topic belongs to one authority at most."""
    of_block: bool = False
    """The block's own leader: answers in the house, without a case going up to the ward."""


class DeadlineSection(Section):
    """One of `working_days` and `working_hours`."""

    topics: tuple[TopicCode, ...] = ()
    """Empty means any."""
    urgent: bool | None = None
    """Whether it is for urgent matters alone, for others alone, or for both."""
    working_days: int | None = Field(default=None, ge=1, le=250)
    working_hours: int | None = Field(default=None, ge=1, le=2_000)
    rule: Name
    """Where this is laid down; everybody reads it on the receipt."""


class HoursSection(Section):
    days: tuple[Annotated[int, Field(ge=1, le=7)], ...] = (1, 2, 3, 4, 5)
    """1 is Monday, as in ISO 8601."""
    spans: tuple[Span, ...] = Field(default=("07:30-11:30", "13:30-17:00"), max_length=8)


class CitizenReceptionSection(Section):
    """Where the ward receives citizens (Luật Tiếp công dân 42/2013/QH13, Điều 15): whoever has a
    complaint or a denunciation is told."""

    name: Name = "Nơi tiếp công dân, Ủy ban nhân dân phường"
    address: Name | None = None
    hours: Name = "Giờ hành chính, thứ Hai đến thứ Sáu"
    telephone: Name | None = None


DEFAULT_AUTHORITIES: Final = (
    AuthoritySection(code="office", name="Văn phòng HĐND và UBND phường", topics=("other",)),
    AuthoritySection(
        code="economy",
        name="Phòng Kinh tế, Hạ tầng và Đô thị phường",
        topics=("environment", "urban-order", "infrastructure"),
    ),
    AuthoritySection(
        code="culture", name="Phòng Văn hóa – Xã hội phường", topics=("social-security",)
    ),
    AuthoritySection(
        code="one-stop",
        name="Trung tâm Phục vụ hành chính công phường",
        topics=("procedures",),
    ),
    AuthoritySection(code="police", name="Công an phường", topics=("public-safety",)),
    AuthoritySection(
        code="block", name="Tổ trưởng tổ dân phố", topics=("block-life",), of_block=True
    ),
)
"""The offices of a ward since 1 July 2025 (Decree 150/2025/NĐ-CP); a ward writes its own."""

DEFAULT_DEADLINES: Final = (
    DeadlineSection(urgent=True, working_hours=8, rule="Cam kết của phường về việc khẩn cấp"),
    DeadlineSection(working_days=10, rule="Luật Tiếp công dân 42/2013/QH13, Điều 28"),
)


class FeedbackSection(Section):
    authorities: tuple[AuthoritySection, ...] = Field(default=DEFAULT_AUTHORITIES, max_length=40)
    default_authority: Identifier = "office"
    """Owns what has no topic yet, or one that nobody else answers."""
    steering_name: Name = "Ban Chỉ đạo phường"
    """Who hears of what is late."""
    attachments_megabytes: int = Field(default=2_000, ge=0, le=1_000_000)
    """Photos and papers, of each house; 0 takes none."""
    deadlines: tuple[DeadlineSection, ...] = Field(default=DEFAULT_DEADLINES, max_length=40)
    hours: HoursSection = HoursSection()
    citizen_reception: CitizenReceptionSection = CitizenReceptionSection()
    days_off: tuple[date, ...] = Field(default=(), max_length=200)
    """Beside the national holidays: the locality's own, or such as were announced later."""
    working_days: tuple[date, ...] = Field(default=(), max_length=200)
    """Make-up days, beside the announced ones: a Saturday that is worked."""

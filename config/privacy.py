"""What is kept of people, how long, and how they are answered: the table `[privacy]` of a house's
or a hub's file.

    [privacy]
    contact = "Tổ trưởng, điện thoại 0901 234 567"

    [[privacy.retention]]
    what = "names"
    after_days = 365
    rule = "Luật 91/2025/QH15, Điều 14"

Each limit stands here with its source, so that a ward can change it when the law does. The law is
that of personal data (91/2025/QH15: Article 4 people's rights, Article 13 correcting, Article 14
erasing) with Decree 356/2025/NĐ-CP (Article 5: how long an answer may take), in force since
1 January 2026.
"""

from typing import Final, Literal

from pydantic import Field

from config.section import Name, Section

Kept = Literal["names", "dismissed", "votes", "requests"]


class RetentionSection(Section):
    what: Kept
    """`names`: of whoever asked, of cases that are closed. `dismissed`: the words of what was
    refused, or dismissed in a meeting. `votes`: which telephone asked along. `requests`: what
    people asked about their data, once that is decided."""
    after_days: int = Field(ge=1, le=36_500)
    """Since the case was closed, the vote was cast, the request was decided."""
    rule: Name
    """Where this is laid down, or why; everybody reads it."""


DEFAULT_RETENTION: Final = (
    RetentionSection(
        what="names", after_days=365, rule="Luật 91/2025/QH15, Điều 14: đã xong mục đích xử lý"
    ),
    RetentionSection(
        what="dismissed", after_days=730, rule="Luật 91/2025/QH15, Điều 14: đã xong mục đích xử lý"
    ),
    RetentionSection(
        what="votes", after_days=30, rule="Luật 91/2025/QH15, Điều 14: đã xong mục đích xử lý"
    ),
    RetentionSection(
        what="requests", after_days=730, rule="Cam kết của phường: để chứng minh đã làm đúng hạn"
    ),
)
"""Later rather than sooner, as nothing brings back what was erased. The law names no number of
days, but an end: when the purpose is reached. A name serves to ask back, and an answer can be
contested by opening the case again (30 days) or by a complaint: a year is enough for both. What was
refused serves to show that it was refused with reason: two years. What was answered in public is a
record of the authority, which the law on archives wants kept: nothing takes it away by itself."""


class PrivacySection(Section):
    answer_working_days: int = Field(default=2, ge=1, le=60)
    """Within which whoever asks about his data is answered."""
    answer_rule: Name = "Nghị định 356/2025/NĐ-CP, Điều 5"
    """Where that is laid down; everybody reads it."""
    contact: str = Field(default="", max_length=200)
    """Whom to ask beside the receipt's page; empty is whoever runs the place."""
    complaints: str = Field(
        default="Cơ quan chuyên trách bảo vệ dữ liệu cá nhân, Bộ Công an",
        min_length=1,
        max_length=200,
    )
    """Whom to turn to who is not content with the answer."""
    retention: tuple[RetentionSection, ...] = Field(default=DEFAULT_RETENTION, max_length=20)

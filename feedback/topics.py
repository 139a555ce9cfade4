"""What a case is about, and how much it presses: codes, which the pages turn into words."""

from enum import StrEnum


class Topic(StrEnum):
    ENVIRONMENT = "environment"
    """Vệ sinh môi trường."""
    URBAN_ORDER = "urban-order"
    """Trật tự đô thị."""
    PROCEDURES = "procedures"
    """Thủ tục hành chính."""
    SOCIAL_SECURITY = "social-security"
    """An sinh xã hội."""
    BLOCK_LIFE = "block-life"
    """Hoạt động khu dân cư."""
    PUBLIC_SAFETY = "public-safety"
    """An ninh."""
    INFRASTRUCTURE = "infrastructure"
    """Hạ tầng."""
    OTHER = "other"


class Urgency(StrEnum):
    NORMAL = "normal"
    URGENT = "urgent"

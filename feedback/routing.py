"""Who answers what. Nothing is ever without an owner.

>>> routing = Routing(FeedbackSection())
>>> routing.owner_of(Topic.PUBLIC_SAFETY).name
'Công an phường'
>>> routing.owner_of(None).code
'office'
"""

from collections.abc import Sequence
from dataclasses import dataclass

from config.feedback import FeedbackSection
from feedback.topics import Topic


@dataclass(frozen=True, slots=True)
class Authority:
    """Cơ quan có thẩm quyền: who must answer."""

    code: str
    name: str
    of_block: bool
    """The block's own leader, who answers in the house."""


class Routing:
    def __init__(self, settings: FeedbackSection) -> None:
        """The default authority is one of `settings.authorities`, which the check of the
        configuration makes sure of; otherwise the first stands in."""
        self._by_code = {
            section.code: Authority(section.code, section.name, section.of_block)
            for section in settings.authorities
        }
        self._by_topic = {
            Topic(topic): self._by_code[section.code]
            for section in settings.authorities
            for topic in section.topics
        }
        first = settings.authorities[0].code
        self._default = self._by_code.get(settings.default_authority, self._by_code[first])
        self.steering_name = settings.steering_name

    @property
    def authorities(self) -> Sequence[Authority]:
        """As they stand in the configuration."""
        return tuple(self._by_code.values())

    @property
    def default(self) -> Authority:
        return self._default

    def owner_of(self, topic: Topic | None) -> Authority:
        """The default authority where nobody says what it is about, or nobody answers for it."""
        return self._default if topic is None else self._by_topic.get(topic, self._default)

    def authority(self, code: str) -> Authority | None:
        """None for a code that the configuration no longer names."""
        return self._by_code.get(code)

"""Who answers what."""

from config.feedback import AuthoritySection, FeedbackSection
from feedback.routing import Routing
from feedback.topics import Topic


def test_every_topic_has_an_owner() -> None:
    routing = Routing(FeedbackSection())
    owners = {topic: routing.owner_of(topic).code for topic in Topic}
    assert owners[Topic.PUBLIC_SAFETY] == "police"
    assert owners[Topic.INFRASTRUCTURE] == owners[Topic.ENVIRONMENT] == "economy"
    assert len(set(owners.values())) == 6


def test_what_nobody_could_name_goes_to_the_default() -> None:
    assert Routing(FeedbackSection(default_authority="police")).owner_of(None).code == "police"


def test_what_nobody_answers_goes_to_the_default() -> None:
    only = AuthoritySection(code="office", name="Văn phòng", topics=("other",))
    routing = Routing(FeedbackSection(authorities=(only,)))
    assert {routing.owner_of(topic).code for topic in Topic} == {"office"}


def test_the_block_leader_is_known_as_such() -> None:
    routing = Routing(FeedbackSection())
    assert [a.code for a in routing.authorities if a.of_block] == ["block"]
    assert routing.authority("block") is routing.owner_of(Topic.BLOCK_LIFE)
    assert routing.authority("gone") is None

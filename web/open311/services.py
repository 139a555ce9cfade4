"""What there is to ask for: the eight topics of a case, each with the same attributes."""

from collections.abc import Mapping
from typing import Final

from base.cause import Cause, Refused
from feedback.topics import Topic
from web.open311.answers import Data
from web.sentences import Language, say

KEEP_NAME: Final = "keep_name"
HIDE_NAME: Final = "hide_name"
NOTICE: Final = "notice"
YES_NO: Final = ("yes", "no")
WORDING: Final = "open311-1"
"""Which words `keep_name` has (`feedback.consent`); others get another version."""
_QUESTIONS: Final = ((2, (KEEP_NAME, "keep-name")), (3, (HIDE_NAME, "hide-name")))


def service_list(language: Language) -> list[Data]:
    return [
        {
            "service_code": topic.value,
            "service_name": name_of(topic, language),
            "description": say(Cause(f"georeport.about-{topic}"), language),
            "metadata": True,
            "type": "realtime",
            "keywords": say(Cause(f"georeport.about-{topic}"), language).rstrip(".").lower(),
            "group": say(Cause("georeport.group"), language),
        }
        for topic in Topic
    ]


def definition(topic: Topic, language: Language) -> Mapping[str, Data]:
    attributes: list[Data] = [
        {
            "variable": False,
            "code": NOTICE,
            "datatype": "text",
            "required": False,
            "datatype_description": None,
            "order": 1,
            "description": say(Cause("georeport.notice"), language),
            "values": [],
        },
        *(_question(code, words, order, language) for order, (code, words) in _QUESTIONS),
    ]
    return {"service_code": topic.value, "attributes": attributes}


def _question(code: str, words: str, order: int, language: Language) -> Data:
    values: list[Data] = [
        {"key": key, "name": say(Cause(f"georeport.{key}"), language)} for key in YES_NO
    ]
    return {
        "variable": True,
        "code": code,
        "datatype": "singlevaluelist",
        "required": False,
        "datatype_description": say(Cause(f"georeport.about-{words}"), language),
        "order": order,
        "description": say(Cause(f"georeport.{words}"), language),
        "values": values,
    }


def name_of(topic: Topic, language: Language) -> str:
    return say(Cause(f"georeport.{topic}"), language)


def topic_of(code: str) -> Topic:
    """Raises Refused `georeport.unknown_service`."""
    try:
        return Topic(code)
    except ValueError:
        raise Refused("georeport.unknown_service", found=code[:80]) from None

"""A request as it is posted, read and checked: a draft of a case (`feedback.intake`).

Optional fields that are empty count as left out (GeoReport v2, Optional Arguments). What nobody
here needs is not kept: `email`, `phone`, `device_id` and `account_id`, and neither is a name whose
owner has not agreed to that. Names stay in one field, the family name first.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import FormData

from base.cause import Refused
from feedback import intake
from feedback.case import Location
from feedback.intake import LEAST_CHARACTERS, Again, Draft
from feedback.text import clean_line, clean_text
from web.open311.services import (
    HIDE_NAME,
    KEEP_NAME,
    NOTICE,
    WORDING,
    YES_NO,
    name_of,
    topic_of,
)

VIA: Final = "open311"
MOST_DESCRIPTION: Final = 4_000
"""Characters (GeoReport v2, POST Service Request)."""
SAME: Final = timedelta(minutes=10)
"""The same fields with the same key within this time are one request that was sent twice."""

MOST: Final = {
    "address_string": 300,
    "address_id": 80,
    "media_url": 2_000,
    "description": 10 * MOST_DESCRIPTION,  # before it is cleaned; it is counted again
}
_MOST_OTHERWISE: Final = 200
_ATTRIBUTE: Final = re.compile(r"attribute\[([^\]]*)\](\[\])?")
_DEGREES: Final = re.compile(r"[+-]?[0-9]{1,3}(\.[0-9]{1,20})?")


@dataclass(frozen=True, slots=True)
class Posted:
    """The fields, each once, cleaned of nothing yet; those that are empty are left out."""

    fields: dict[str, str]
    attributes: dict[str, list[str]]

    def get(self, name: str) -> str:
        return self.fields.get(name, "")


def read(form: FormData) -> Posted:
    """Raises Refused: `georeport.twice`, `georeport.too_long`, `georeport.not_a_form`."""
    fields: dict[str, str] = {}
    attributes: dict[str, list[str]] = {}
    for name, value in form.multi_items():
        if not isinstance(value, str):
            raise Refused("georeport.not_a_form")
        if not value.strip():
            continue
        if found := _ATTRIBUTE.fullmatch(name):
            attributes.setdefault(found[1], []).append(value)
            continue
        if name in fields:
            raise Refused("georeport.twice", field=name[:80])
        most = MOST.get(name, _MOST_OTHERWISE)
        if len(value) > most:
            raise Refused("georeport.too_long", field=name[:80], most=most)
        fields[name] = value
    return Posted(fields, attributes)


def draft(posted: Posted, house: str, sender: str, again: str, now: datetime) -> Draft:
    """`again` is the client's own word for this one request (`Idempotency-Key`), or empty.

    Raises Refused: `georeport.…`, and those of `feedback.intake.check`.
    """
    if not (code := posted.get("service_code").strip()):
        raise Refused("georeport.no_service")
    topic = topic_of(code)
    location = _location(posted)
    media_url = _media_url(posted.get("media_url").strip())
    names = (posted.get("last_name"), posted.get("first_name"))
    keeps, hides = _yes(posted, code, KEEP_NAME), _yes(posted, code, HIDE_NAME)
    same = _same(posted, house, sender)
    found = intake.check(
        _text(posted, name_of(topic, "vi")),
        name=clean_line(" ".join(names)) if keeps else None,
        via=VIA,
        key=f"{same}\0{again}",
        name_hidden=hides,
        consent=WORDING,
        most=MOST_DESCRIPTION,
    )
    found = replace(found, topic=topic, location=location, media_url=media_url)
    if again:
        return found
    # Nobody remembers for ever what was sent; the keys of this and of the last ten minutes.
    window = int(now.timestamp() // SAME.total_seconds())
    this, last = (intake.digest(f"{same}\0{n}", found.text) for n in (window, window - 1))
    return replace(found, key_sha256=this, again=Again(last, now - SAME))


def _text(posted: Posted, service: str) -> str:
    """What was written; a request without a description says what it is by its service alone."""
    written = clean_text(posted.get("description"))
    if len(written) > MOST_DESCRIPTION:
        raise Refused("georeport.too_long", field="description", most=MOST_DESCRIPTION)
    if len(written) >= LEAST_CHARACTERS:
        return written
    return f"{service}: {written}" if written else service


def _same(posted: Posted, house: str, sender: str) -> str:
    """What tells this request from others of the same sender."""
    told = {name: value for name, value in posted.fields.items() if name != "api_key"}
    told.pop("jurisdiction_id", None)
    return repr((VIA, house, sender, sorted(told.items()), sorted(posted.attributes.items())))


def _location(posted: Posted) -> Location:
    lat, long = posted.get("lat").strip(), posted.get("long").strip()
    if bool(lat) is not bool(long):
        raise Refused("georeport.half_a_point")
    location = Location(
        clean_line(posted.get("address_string")) or None,
        clean_line(posted.get("address_id")) or None,
        _degrees("lat", lat, 90, "21.0278"),
        _degrees("long", long, 180, "105.8342"),
    )
    if location == Location():
        raise Refused("georeport.no_place")
    return location


def _degrees(field: str, typed: str, most: int, example: str) -> float | None:
    if not typed:
        return None
    if not _DEGREES.fullmatch(typed) or abs(float(typed)) > most:
        raise Refused("georeport.coordinate", field=field, most=most, example=example)
    return float(typed)


def _media_url(typed: str) -> str | None:
    """Kept as an address for people to open, and never fetched."""
    if not typed:
        return None
    try:
        parts = urlsplit(typed)
        whole = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        whole = False
    if not whole or not typed.isprintable() or re.search(r"\s", typed):
        raise Refused("georeport.media_url")
    return typed


def _yes(posted: Posted, service: str, attribute: str) -> bool:
    """What is not said is a no."""
    for code in posted.attributes:
        if code not in (KEEP_NAME, HIDE_NAME, NOTICE):
            raise Refused("georeport.unknown_attribute", found=code[:80], service=service)
    values = posted.attributes.get(attribute, ["no"])
    if len(values) != 1 or values[0] not in YES_NO:
        allowed = ", ".join(YES_NO)
        raise Refused("georeport.attribute_value", code=attribute, allowed=allowed)
    return values == ["yes"]

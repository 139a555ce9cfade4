"""Standard Webhooks (standardwebhooks.com): any system that can receive a signed POST.

    POST /hook
    webhook-id: case-1f0c…-3
    webhook-timestamp: 1764028800
    webhook-signature: v1,g0hM9SsE… v1,K5oZfzN9…

    {"type": "case.changed", "timestamp": "2026-11-25T08:00:00Z", "data": {…}}

Signed with every secret that there is, so that one can be replaced while both are valid.
"""

import base64
import json
import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

import httpx
from standardwebhooks import Webhook as Signer

from base.cause import Cause
from config.targets import WebhookTarget
from feedback.targets.target import Event, NotDelivered, TargetGone

_GONE: Final = 410
_PREFIX: Final = "whsec_"


class Webhook:
    def __init__(
        self,
        settings: WebhookTarget,
        client: httpx.AsyncClient,
        now: Callable[[], datetime],
    ) -> None:
        """The secrets are read for each event: they can be changed without a restart. `client` must
        not follow redirects: a redirect is a failure."""
        self.name = settings.id
        self._settings = settings
        self._client = client
        self._now = now

    async def deliver(self, event: Event) -> None:
        """Raises NotDelivered, TargetGone."""
        now = self._now().astimezone(UTC)
        body = json.dumps(
            {
                "type": event.kind,
                "timestamp": event.body.get("at", now.isoformat()),
                "data": dict(event.body),
            },
            ensure_ascii=False,
        )
        headers = {
            "content-type": "application/json",
            "webhook-id": event.id,
            "webhook-timestamp": str(math.floor(now.timestamp())),
            "webhook-signature": self._signatures(event.id, now, body),
        }
        try:
            reply = await self._client.post(
                self._settings.url, content=body.encode(), headers=headers
            )
        except httpx.TimeoutException:
            raise NotDelivered(Cause("delivery.hangs")) from None
        except httpx.HTTPError as error:
            raise NotDelivered(Cause("delivery.unreachable", error=type(error).__name__)) from None
        judge(reply, self._now())

    def _signatures(self, event_id: str, now: datetime, body: str) -> str:
        try:
            keys = [key_of(secret) for secret in self._settings.secrets() or ("",)]
        except (OSError, ValueError):
            raise NotDelivered(Cause("delivery.secret")) from None
        return " ".join(Signer(key).sign(event_id, now, body) for key in keys)


def key_of(secret: str) -> bytes:
    """`whsec_` and the base64 of 24 to 64 bytes. Raises ValueError."""
    if not secret.startswith(_PREFIX):
        raise ValueError("a secret begins with whsec_")
    key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    if not 24 <= len(key) <= 64:
        raise ValueError("a secret has 24 to 64 bytes")
    return key


def judge(reply: httpx.Response, now: datetime) -> None:
    """Whether that was an acknowledgement: 2xx is one. Raises NotDelivered, TargetGone."""
    if reply.is_success:
        return
    cause = Cause("delivery.status", status=reply.status_code)
    if reply.status_code == _GONE:
        raise TargetGone(cause)
    raise NotDelivered(cause, retry_after(reply.headers.get("retry-after", ""), now))


def retry_after(value: str, now: datetime) -> timedelta:
    """RFC 9110, section 10.2.3: seconds or a date; nonsense is none."""
    if value.strip().isdecimal():
        return timedelta(seconds=min(int(value), 10_000_000))
    try:
        return max(parsedate_to_datetime(value) - now, timedelta())
    except (ValueError, TypeError):
        return timedelta()

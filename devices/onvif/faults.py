"""What went wrong between us and a camera, out of the library's errors.

The library makes one error of everything; what really happened is what it was made from.
"""

import re
from collections.abc import Iterator

from requests import exceptions as http
from zeep.exceptions import Fault, TransportError

from devices.device import DeviceError

_NOT_ALLOWED = ("NotAuthorized", "FailedAuthentication", "InvalidSecurityToken", "MessageExpired")
_NOT_THERE = (
    "ActionNotSupported",
    "OptionalActionNotImplemented",
    "PTZNotSupported",
    "SpaceNotSupported",
    "NoPTZProfile",
    "NoHomePosition",
)
_NOT_THERE_IN_WORDS = re.compile(r"not[ -]?(supported|implemented)|unknown action", re.IGNORECASE)
_UNAUTHORIZED = (401, 403)
_NO_SUCH_THING = (404, 405, 501)


class NotAllowedError(DeviceError):
    """Wrong password, or the wrong time: cameras say the same of both."""


class RefusalError(DeviceError):
    """The camera understood and said no; it is there and works."""


class LackingError(RefusalError):
    """The camera cannot do this at all."""


def of(error: Exception, name: str, host: str) -> DeviceError:
    """`name` and `host` are the camera's, for people."""
    causes = list(_chain(error))
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        return DeviceError("camera.refused", name=name, host=host)
    for cause in causes:
        if isinstance(cause, Fault):
            return _of_fault(cause, name)
        if isinstance(cause, TransportError):
            return _of_status(cause.status_code, name)
        if isinstance(cause, http.ConnectionError | http.Timeout):
            # It took the connection, and then said nothing or broke it off; or there was none.
            taken = isinstance(cause, http.ReadTimeout) or any(
                isinstance(one, ConnectionError) for one in causes
            )
            code = "camera.onvif_silent" if taken else "camera.no_answer"
            return DeviceError(code, name=name, host=host)
    return DeviceError("camera.onvif_malformed", name=name)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error and what it was made from. urllib3 keeps that in places of its own, too."""
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        one = waiting.pop(0)
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        inside = [arg for arg in one.args if isinstance(arg, BaseException)]
        reason = getattr(one, "reason", None)
        waiting += [one.__cause__, one.__context__, *inside]
        if isinstance(reason, BaseException):
            waiting.append(reason)


def _of_fault(fault: Fault, name: str) -> DeviceError:
    codes = [str(code).rpartition("}")[2].rpartition(":")[2] for code in fault.subcodes or ()]
    codes.append(str(fault.code or "").rpartition(":")[2])
    reason = re.sub(r"\s+", " ", str(fault.message or "")).strip()[:120]
    if any(code in _NOT_ALLOWED for code in codes) or "not authorized" in reason.lower():
        return NotAllowedError("camera.wrong_password", name=name)
    if any(code in _NOT_THERE for code in codes) or _NOT_THERE_IN_WORDS.search(reason):
        return LackingError("camera.cannot", name=name)
    return RefusalError("camera.onvif_refused", name=name, reason=reason or ", ".join(codes))


def _of_status(status: int, name: str) -> DeviceError:
    if status in _UNAUTHORIZED:
        return NotAllowedError("camera.wrong_password", name=name)
    if status in _NO_SUCH_THING:
        return LackingError("camera.cannot", name=name)
    return DeviceError("camera.onvif_malformed", name=name)

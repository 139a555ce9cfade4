"""The parts of onvif-zeep that are used, and the descriptions of the services, each read once.

Imported by whoever needs a camera over ONVIF, in a thread: it takes a fifth of a second. Of the
library, `ONVIFCamera` is not used: it asks for events, empties the environment's proxies and knows
only one address for a camera.
"""

import logging
from functools import cache
from pathlib import Path
from typing import Any

from requests import Session
from requests.auth import HTTPDigestAuth
from zeep import Settings, Transport
from zeep.client import Client
from zeep.wsdl import Document

_root, _already = logging.getLogger(), logging.NullHandler()
_root.addHandler(_already)  # the library calls logging.basicConfig, which does nothing where
try:  # somebody has set up logging already
    from onvif import client as onvif_client
    from onvif.definition import SERVICES
finally:
    _root.removeHandler(_already)

_SETTINGS = Settings(strict=False, xml_huge_tree=False)
"""Not strict: cameras leave out what the schema asks for."""


def namespace(service: str) -> str:
    return str(SERVICES[service]["ns"])


def open_session(user: str, password: str) -> Session:
    """HTTP Digest is answered where a camera asks for it beside WS-Security, or in its place."""
    session = Session()
    session.trust_env = False  # a camera stands in the house: no proxy
    if user:
        session.auth = HTTPDigestAuth(user, password)
    return session


def token(user: str, password: str, skew: Any) -> Any:
    """Says who asks, by the camera's own clock: `skew`, a timedelta, is what it is ahead of ours.
    Not safe for two threads at once."""
    return onvif_client.UsernameDigestTokenDtDiff(user, password, dt_diff=skew, use_digest=True)


def service(name: str, address: str, session: Session, wsse: Any, seconds: float) -> Any:
    """A service of a camera; each operation of its WSDL is a method that takes one dict."""
    transport = Transport(session=session, timeout=seconds, operation_timeout=seconds)
    client = Client(_document(name), wsse=wsse, transport=transport, settings=_SETTINGS)
    binding = f"{{{namespace(name)}}}{SERVICES[name]['binding']}"
    return onvif_client.ONVIFService(
        address, "", "", str(_wsdl(name)), zeep_client=client, binding_name=binding
    )


@cache
def _document(name: str) -> Document:
    return Document(str(_wsdl(name)), Transport(), settings=_SETTINGS)  # type: ignore[arg-type]


def _wsdl(name: str) -> Path:
    return Path(onvif_client.__file__).parent.parent / "wsdl" / str(SERVICES[name]["wsdl"])

"""The house's name in its own network, so that nobody types figures: `http://nhavanhoa.local:8080`.

    name = LocalName(settings.web, partial(reachable, settings))
    group.create_task(name.run())
    name.address()                 # "" while nobody could find it by its name

Announced by multicast DNS (RFC 6762) as a web page (RFC 6763) with zeroconf. The name is asked for
before it is taken; where another machine has it, it is `nhavanhoa-2.local`, and so on. Two that
meet later (both began at once, two networks were plugged together) settle it as in RFC 6762,
section 8.2: the greater address keeps it. Interfaces come and go: they are looked at again.
"""

import asyncio
import contextlib
import ipaddress
import logging
from collections.abc import AsyncIterator, Callable
from typing import Final

from zeroconf import (
    AddressResolverIPv4,
    DNSAddress,
    IPVersion,
    NonUniqueNameException,
    RecordUpdate,
    RecordUpdateListener,
    ServiceInfo,
    Zeroconf,
)
from zeroconf.asyncio import AsyncZeroconf

from config.settings import HouseSettings, WebSection
from devices.discovery.found import Network

TYPE: Final = "_http._tcp.local."
PROBE_SECONDS: Final = 1.5
LOOK_AGAIN_SECONDS: Final = 30.0
"""Between two looks at the interfaces."""
MOST_NAMES: Final = 20
_MOST_INSTANCE_BYTES: Final = 50
"""Of 63 that a label has (RFC 1035); the rest is for a number behind it."""

log = logging.getLogger(__name__)

Addresses = tuple[str, ...]


def reachable(settings: HouseSettings) -> Addresses:
    """This machine's addresses at which its pages answer to others. Blocks for a moment."""
    everywhere = {"", "0.0.0.0", "::"}  # noqa: S104
    named = [str(one) for one in settings.network.addresses]
    ours = tuple(one.address for one in Network.of(named).interfaces)
    host = settings.web.host
    return ours if host in everywhere else tuple(one for one in ours if one == host)


class LocalName:
    """Belongs to the event loop's thread."""

    def __init__(
        self,
        web: WebSection,
        house: str,
        addresses: Callable[[], Addresses],
        *,
        look_again: float = LOOK_AGAIN_SECONDS,
    ) -> None:
        """`house` is what people who look for web pages in their network read."""
        self._web = web
        self._house = house.encode()[:_MOST_INSTANCE_BYTES].decode(errors="ignore")
        self._addresses = addresses
        self._look_again = look_again
        self.taken = ""
        """The name that is announced, `nhavanhoa-2.local`; empty while none is."""

    @property
    def is_another(self) -> bool:
        """Somebody else in the network has the one from the settings."""
        return self.taken not in ("", f"{self._web.local_name}.local")

    def address(self) -> str:
        """Without a slash at the end; empty while the name is not announced."""
        port = "" if self._web.port == 80 else f":{self._web.port}"
        return f"http://{self.taken}{port}" if self.taken else ""

    async def run(self) -> None:
        """Announce it wherever there is a network; ends only by cancellation."""
        told = ""
        while self._web.local_name:
            addresses = await asyncio.to_thread(self._addresses)
            try:
                if addresses:
                    await self._announce(addresses)
                    continue
            except (OSError, NonUniqueNameException) as error:
                if told != repr(error):
                    told = repr(error)
                    log.warning("%s.local cannot be announced: %s", self._web.local_name, error)
            await asyncio.sleep(self._look_again)

    async def _announce(self, addresses: Addresses) -> None:
        """Until the machine's addresses are others, or somebody else keeps the name. Raises
        OSError."""
        async with _multicast(addresses) as net:
            rivals = _Rivals(addresses)
            net.zeroconf.async_add_listener(rivals, None)
            name = await self._free_name(net.zeroconf, rivals)
            rivals.watch(name)
            info = ServiceInfo(
                TYPE,
                f"{self._house}.{TYPE}",
                port=self._web.port,
                server=f"{name}.",
                parsed_addresses=list(addresses),
                properties={"path": "/"},
            )
            await (await net.async_register_service(info, allow_name_change=True))
            self.taken = name
            log.info("the house is found as %s", self.address())
            try:
                await self._until_changed(addresses, rivals)
            finally:
                self.taken = ""

    async def _free_name(self, zeroconf: Zeroconf, rivals: "_Rivals") -> str:
        wanted = self._web.local_name
        for name in (wanted, *(f"{wanted}-{number}" for number in range(2, MOST_NAMES))):
            full = f"{name}.local"
            rivals.watch(full)
            asking = AddressResolverIPv4(f"{full}.")
            await asking.async_request(zeroconf, PROBE_SECONDS * 1000)
            others = {one.packed for one in asking.ip_addresses_by_version(IPVersion.V4Only)}
            if not rivals.heard.is_set() and others <= rivals.ours:
                return full
        raise NonUniqueNameException

    async def _until_changed(self, addresses: Addresses, rivals: "_Rivals") -> None:
        while await asyncio.to_thread(self._addresses) == addresses:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._look_again):
                    await rivals.stronger.wait()
                    log.warning("another machine keeps the name %s", self.taken)
                    return


class _Rivals(RecordUpdateListener):
    """Whoever else says that a name is his."""

    def __init__(self, ours: Addresses) -> None:
        self.ours = {ipaddress.ip_address(one).packed for one in ours}
        self._name = ""
        self.heard = asyncio.Event()
        self.stronger = asyncio.Event()
        """One of them has an address greater than all of ours."""

    def watch(self, name: str) -> None:
        """Of this name from now on."""
        self._name = f"{name}.".lower()
        self.heard.clear()
        self.stronger.clear()

    def async_update_records(self, zc: Zeroconf, now: float, records: list[RecordUpdate]) -> None:
        for update in records:
            record = update.new
            if (
                isinstance(record, DNSAddress)
                and record.name.lower() == self._name
                and len(record.address) == 4
                and record.address not in self.ours
                and not record.is_expired(now)
                and record.ttl
            ):
                self.heard.set()
                if record.address > max(self.ours):
                    self.stronger.set()


@contextlib.asynccontextmanager
async def _multicast(addresses: Addresses) -> AsyncIterator[AsyncZeroconf]:
    net = AsyncZeroconf(interfaces=list(addresses), ip_version=IPVersion.V4Only)
    try:
        yield net
    finally:
        await net.async_close()

"""Lets the house leave a path when the browser does, for one that was found later.

aioice stops looking once a first path is there, often the one through the relay, and what it was
checking then stays half checked for good: the browser would go over to the direct path, and the
house would go on sending the hall's pictures through the ward's relay.
"""

from typing import Any

from aioice.ice import CandidatePair


def follow_browser(ice: Any) -> None:
    """To be called before `ice`, an aioice connection, connects."""
    check_incoming = ice.check_incoming

    def check(message: Any, addr: tuple[str, int], protocol: Any) -> None:
        if "USE-CANDIDATE" in message.attributes:
            for pair in ice._check_list:
                broken_off = pair.task is not None and pair.task.done()
                if broken_off and pair.protocol is protocol and pair.remote_addr == addr:
                    pair.task = None
                    pair.state = CandidatePair.State.FAILED  # so it is checked again, now
        check_incoming(message, addr, protocol)

    ice.check_incoming = check

"""The link: one WebSocket that a house dials out to its ward, and browsers' connections through it.

A house cannot be reached from outside, so the ward's hub passes what a browser asks for a house's
page through the link as a *channel*, and the house answers from its own application as if the
browser stood before it. `PROTOCOL.md` tells what is on the wire.

    messages.py    every message beside its codec
    bounds.py      what their fields may hold
    ward_meeting.py   those about a meeting of the whole ward
    line.py        one connection, the same at both ends: beat, silence, who gets which frame
    channel.py     one browser's connection within it, with its window
    courier.py     things handed over for good, acknowledged, in order
    reach.py       the pages of a house that can be reached from outside, and no others
    tunnel.py      house: a channel is answered by an ASGI application
    house.py       house: dials, and dials again
    hub.py         hub: a session per house
    relay.py       hub: what a browser asks goes into a channel, and what it gets comes out
    summary.py     house: what the ward is told of it
"""

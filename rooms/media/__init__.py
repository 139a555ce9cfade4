"""The bridge between hall and browsers; the only place that speaks WebRTC.

    camera → Feed ─┬→ OutgoingVideo → PeerLine     microphone ─┐
                   └→ Transcoder → Feed → guests     voices ───┴→ Mixer → loudspeaker, guests

A picture is cut into packets once (`payloads`, `layout`); each guest's `stream` has numbers of its
own, and his `path` protects and sends them.

Players and media servers take, or give, one way (`outside.py`); `publishing.py` and `attending.py`
keep that up with the HTTP of WHIP and WHEP.

Pictures are never decoded on their way; whoever needs another codec shares one transcoder.
Where no direct way leads, both ends meet at the ward's relay (`relaying.py` tries it beforehand).
Private names of aiortc and aioice are touched in `peer.py`, `quiet.py`, `pulse.py` and `follow.py`
alone, pylibsrtp's in `path.py`.
"""

"""The bridge between hall and browsers; the only place that speaks WebRTC.

    camera → Feed ─┬→ OutgoingVideo → guest        microphone ─┐
                   └→ Transcoder → Feed → guests     voices ───┴→ Mixer → loudspeaker, guests

Pictures are never decoded on their way; whoever needs another codec shares one transcoder.
Where no direct way leads, both ends meet at the ward's relay (`relaying.py` tries it beforehand).
Private names of aiortc and aioice are touched in `peer.py`, `pulse.py` and `follow.py` alone.
"""

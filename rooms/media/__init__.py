"""The bridge between hall and browsers; the only place that speaks WebRTC.

    camera → Feed ─┬→ OutgoingVideo → guest        microphone ─┐
                   └→ Transcoder → Feed → guests     voices ───┴→ Mixer → loudspeaker, guests

Pictures are never decoded on their way; whoever needs another codec shares one transcoder.
aiortc's private names are touched in `peer.py` alone.
"""

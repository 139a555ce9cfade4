"""The hall's microphone and loudspeaker, in a process of their own.

PortAudio is brought back after a loss by ending it and starting it again, which ends every stream
of its process, and its callback every 10 ms must not wait for the media loop's interpreter. So:

    daemon: hall.ProcessSound  <── socketpair, protocol.py ──>  child: two PortAudio streams

    hall.py        the daemon's side; implements devices.device.HallSound
    link.py        the daemon's end of the socket
    protocol.py    the messages (PROTOCOL.md)
    measured.py    those about what is measured
    child.py       the sound process: the socket on one side, the streams on the other
    frame_path.py  what happens to every 10 ms on the way: queue, volume, microphone chain, meters
    advice.py      what is wrong with how it sounds, from seconds of it
    probe.py       a chirp that is played, and listened to
    chirp.py       finds it: delay and level
    chain.py       what the microphone's sound goes through
    echo/          the echo canceller of that chain, and its noise suppression
    gain.py        the same loudness for whoever speaks
    howl.py        notices a loop of loudspeaker and microphone
    howl_guard.py  and ends it
    limiter.py     never too loud
    filters.py     second-order filters
    mixer.py       the system's own volume, of whatever our streams go through:
    pulse_mixer.py   a sound server's (PulseAudio, PipeWire)
    alsa_mixer.py    the sound card's own
    alsa_scale.py    in alsamixer's percents
    alsa.py          through libasound
    sliders.py     what both tell
    knob.py        the message about which of them it is
    streams.py     which streams are open: names, losing a device, getting it back
    stream.py      one PortAudio stream and its timers
    listing.py     what devices there are, asked of a fresh process
"""

"""Takes what the loudspeaker plays out of what the microphone hears, in a hall.

    canceller.py   the way of 10 ms through all this; begin here
    rates.py       48 kHz to 16 kHz and back, and between two clocks
    reference.py   what was played, as late and as fast as the microphone hears it
    delay.py       finds how late that is
    clock.py       follows how fast
    overdrive.py   bends what is played as an amplifier does that is driven too hard
    learner.py     learns the hall's impulse response
    filter.py      applies it
    suppressor.py  takes away what is left, and spares who speaks

A hall's echo is longer than what cancellers for rooms and telephones cover, and a suppressor that
makes up for it mutes residents who speak over an official. Hence a path of 640 ms that is learned
within seconds, and a suppressor that has little left to do. `python -m bench.echo` measures it
beside WebRTC's and Speex's cancellers.
"""

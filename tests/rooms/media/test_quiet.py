"""What aiortc does not start any more, and what still comes of it when it is needed."""

from aiortc.rate import RemoteBitrateEstimator

from rooms.media.layout import Layouts
from rooms.media.path import Workbench
from rooms.media.peer import Peer
from rooms.media.quiet import Estimator


async def test_who_only_watches_has_no_estimate_of_what_he_could_send() -> None:
    peer = Peer(None, Workbench(), Layouts())
    kept = [
        line._receiver._RTCRtpReceiver__remote_bitrate_estimator
        for line in (peer.audio, peer.hall, peer.floor)
    ]
    assert kept[0] is None, "aiortc has none of sound"
    assert [one.begun for one in kept[1:]] == [False, False]
    await peer.close()


def test_an_estimate_is_the_same_as_aiortcs() -> None:
    ours, theirs = Estimator(), RemoteBitrateEstimator()
    told = []
    for number in range(400):
        now = 1000 + number * 10
        packet = {
            "arrival_time_ms": now,
            "abs_send_time": (now << 18) // 1000 & 0xFFFFFF,
            "payload_size": 1200,
            "ssrc": 7,
        }
        told.append(ours.add(**packet))
        assert told[-1] == theirs.add(**packet)
    assert any(told)
    assert ours.begun

"""Following faces is offered where a camera can, and switched off and on with one tap."""

from dataclasses import replace

from config.settings import RtspCamera as RtspSettings
from config.settings import Webcam as WebcamSettings
from devices.device import Framing
from devices.rtsp import RtspCamera
from devices.webcam import Webcam
from rooms.view import Role

NETWORK = RtspSettings(kind="rtsp", id="camera", name="Camera sân khấu", url="rtsp://127.0.0.1:1/h")
USB = WebcamSettings(kind="webcam", id="camera-2", name="Webcam bàn chủ tọa", input="/dev/none")


async def test_the_leader_switches_it_off_with_one_tap_and_is_told_how_it_is(house):
    webcam = Webcam(USB)
    object.__setattr__(house.equipment, "cameras", (RtspCamera(NETWORK), webcam))
    house.shows()
    leader = await house.client_as(Role.LEADER)

    async def page():
        house.shows()
        return (await leader.get("/panel/picture")).text

    text = await page()
    assert 'data-value="follow-faces" data-code="wide"' in text
    assert text.count('action="/do/follow-faces"') == 1, "not for the network camera"
    assert "Bám theo khuôn mặt: Webcam bàn chủ tọa" in text
    webcam._framing.set(replace(webcam.framing.value, people=3))
    assert "Đang bám theo 3 khuôn mặt" in await page()
    answer = await leader.post("/do/follow-faces", data={"camera": "camera-2", "wanted": "no"})
    assert answer.status_code == 303
    assert webcam.framing.value == Framing(False, people=3)
    assert 'data-value="follow-faces" data-code="off"' in await page()
    answer = await leader.post("/do/follow-faces", data={"camera": "camera", "wanted": "yes"})
    assert answer.status_code == 409
    assert "chỉ webcam làm được" in answer.text

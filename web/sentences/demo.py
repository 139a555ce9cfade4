"""What the demo says to whoever starts it."""

from web.sentences import Sentence

SENTENCES = {
    "demo.camera_address": Sentence(
        vi="Địa chỉ camera viết chưa đúng. Viết dạng rtsp://tên:mật-khẩu@192.168.1.20:554/stream1; "
        "ký tự / trong mật khẩu viết là %2F.",
        en="The camera's address is not right. Write it as "
        "rtsp://user:password@192.168.1.20:554/stream1; a / in the password is written %2F.",
    ),
}

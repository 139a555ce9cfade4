"""What can be wrong with a camera's ONVIF: reaching it, turning it, and how it is set to code."""

from web.sentences import Sentence

SENTENCES = {
    "camera.onvif_login": Sentence(
        vi="{name}: phần điều khiển (ONVIF) không nhận tên hoặc mật khẩu. Nhiều camera có tài "
        "khoản riêng cho ONVIF: kỹ thuật viên tạo trong trang cài đặt của camera, rồi gõ trong "
        "Cài đặt thiết bị.",
        en="{name}: its ONVIF, by which it is controlled, refuses user or password. Many cameras "
        "have accounts of their own for it: a technician makes one in the camera's settings and "
        "types it in the set-up of devices.",
    ),
    "camera.onvif_silent": Sentence(
        vi="{name} không trả lời lệnh điều khiển. Hệ thống đang tự thử lại; nếu vẫn vậy, rút điện "
        "camera, chờ mười giây rồi cắm lại.",
        en="{name} does not answer when it is told something. It is being tried again; if it stays "
        "so, unplug the camera, wait ten seconds and plug it in again.",
    ),
    "camera.onvif_malformed": Sentence(
        vi="{name} trả lời nhưng không đúng chuẩn ONVIF. Nhờ kỹ thuật viên bật ONVIF trong cài đặt "
        "của camera, hoặc kiểm tra địa chỉ ONVIF.",
        en="{name} answers, but not in ONVIF. Ask the technician to switch ONVIF on in the "
        "camera's settings, or to check the ONVIF address.",
    ),
    "camera.onvif_no_media": Sentence(
        vi="{name} không cho biết hình của nó ở đâu. Nhờ kỹ thuật viên ghi địa chỉ rtsp:// của "
        "camera vào url.",
        en="{name} does not tell where its picture is. Ask the technician to write the camera's "
        "rtsp:// address into url.",
    ),
    "camera.onvif_refused": Sentence(
        vi="{name} không làm được việc này. Camera báo: {reason}",
        en="{name} declined. The camera says: {reason}",
    ),
    "camera.password_or_clock": Sentence(
        vi="{name} không cho đăng nhập: sai mật khẩu, hoặc đồng hồ của camera chạy sai. Nhờ kỹ "
        "thuật viên chỉnh giờ trong cài đặt của camera trước, rồi mới nhập lại mật khẩu.",
        en="{name} lets nobody in: the password is wrong, or the camera's clock is. Ask the "
        "technician to set the clock in the camera's settings first, and then the password.",
    ),
    "camera.cannot": Sentence(
        vi="{name} không có chức năng này.",
        en="{name} cannot do this.",
    ),
    "camera.held": Sentence(
        vi="{name} đang quay camera này. Xin chờ vài giây rồi thử lại.",
        en="{name} is turning this camera. Wait a few seconds and try again.",
    ),
    "camera.place_name": Sentence(
        vi="Xin đặt tên cho góc quay, không quá {most} chữ.",
        en="Give the place a name of at most {most} characters.",
    ),
    "camera.not_adjustable": Sentence(
        vi="Không đặt được {name} từ đây. Xin mở trang cài đặt của camera.",
        en="{name} cannot be set from here. Open the camera's own page.",
    ),
    "camera.set_codec": Sentence(
        vi="Camera đang gửi hình kiểu {codec}; nên là H.264 để máy này khỏi phải chuyển đổi.",
        en="The camera sends {codec}; with H.264 this computer need not convert it.",
    ),
    "camera.set_b_frames": Sentence(
        vi="Camera dùng khung hình B (B-frame); nên tắt để hình không bị chậm.",
        en="The camera uses B-frames; without them the picture is not late.",
    ),
    "camera.set_key_frames": Sentence(
        vi="Khung hình chính (I-frame) cách nhau {seconds} giây; nên là 2 giây để người mới vào "
        "họp thấy hình ngay.",
        en="Key frames are {seconds} seconds apart; with 2 seconds whoever joins sees the "
        "picture at once.",
    ),
    "camera.set_smart": Sentence(
        vi="Camera bỏ bớt khung hình chính (H.264+, Smart Codec). Chỗ này không tắt được từ đây: "
        "mở trang cài đặt của camera và tắt chế độ đó.",
        en="The camera leaves out key frames (H.264+, Smart Codec). That cannot be switched off "
        "from here: open the camera's own page and switch it off.",
    ),
    "camera.set_no_second": Sentence(
        vi="Camera chỉ có một luồng hình. Mở trang cài đặt của camera và bật luồng phụ "
        "(640×360), dành cho người có mạng yếu.",
        en="The camera has one stream only. Open the camera's own page and switch the second "
        "stream on (640×360), for those with a weak line.",
    ),
    "camera.set_second": Sentence(
        vi="Luồng phụ của camera chưa phù hợp; nên là H.264, I-frame 2 giây.",
        en="The camera's second stream does not suit; it should be H.264, key frames every 2 "
        "seconds.",
    ),
}

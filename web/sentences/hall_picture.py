"""What stands in the place of a camera that shows nothing."""

from web.sentences import Sentence

SENTENCES = {
    "camera.cannot_follow": Sentence(
        vi="{name} không tự bám theo khuôn mặt được: chỉ webcam làm được việc này. Hãy quay hoặc "
        "phóng camera bằng các nút ở mục Góc quay.",
        en="{name} cannot follow faces: only webcams can. Turn or zoom the camera with the buttons "
        "under its places.",
    ),
    "camera.no_other": Sentence(
        vi="Nhà văn hóa chỉ có một camera nên không có camera nào khác để thay. Muốn có, nhờ kỹ "
        "thuật viên lắp thêm một webcam.",
        en="There is one camera alone, so that no other one can stand in. To have one, ask the "
        "technician for a webcam.",
    ),
    "picture.lost": Sentence(
        vi="{name} đang mất hình, đang kết nối lại…",
        en="{name} shows no picture; it is being connected again…",
    ),
    "picture.spoilt": Sentence(
        vi="{name} chưa cho thấy hội trường, trong phòng đang xem lại…",
        en="{name} does not show the hall; they are looking into it…",
    ),
    "picture.stands_in": Sentence(
        vi="{name} đang thay cho {other} vì {other} mất hình. Cứ họp tiếp: {other} tốt lại thì máy "
        "tự chuyển về.",
        en="{name} stands in for {other}, which shows no picture. Just go on: once {other} is "
        "well again, it is shown again.",
    ),
}

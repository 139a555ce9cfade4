"""What is told of the hall's HDMI cable, into which somebody plugs his laptop."""

from web.sentences import Sentence

SENTENCES = {
    "hdmi.none": Sentence(
        vi="Nhà văn hóa này chưa cài cáp HDMI cho máy tính xách tay. Nhờ kỹ thuật viên mở Cài đặt "
        "thiết bị và bấm Tìm thiết bị.",
        en="No HDMI cable for a laptop is set up here. Ask the technician to open the set-up and "
        "to look for devices.",
    ),
    "hdmi.no_signal": Sentence(
        vi="Chưa cắm máy tính vào cáp HDMI. Nếu đã cắm: trên máy tính bấm phím Windows và P, chọn "
        "“Lặp lại” (Duplicate), chờ mười giây.",
        en="No computer is plugged into the HDMI cable. If one is: press the Windows key and P on "
        "it, choose “Duplicate”, and wait ten seconds.",
    ),
    "hdmi.no_sound": Sentence(
        vi="{name} có hình nhưng không lấy được tiếng. Rút đầu USB của cáp, chờ năm giây rồi cắm "
        "lại; nếu vẫn vậy, nhờ kỹ thuật viên chọn lại tiếng của cáp trong Cài đặt thiết bị.",
        en="{name} has a picture, but its sound cannot be read. Pull its USB end out, wait five "
        "seconds and plug it in again; if that does not help, ask the technician to choose its "
        "sound anew in the set-up.",
    ),
    "hdmi.without_sound": Sentence(
        vi="{name} chưa cài tiếng. Nhờ kỹ thuật viên chọn tiếng của cáp trong Cài đặt thiết bị.",
        en="{name} is set up without sound. Ask the technician to choose its sound in the set-up.",
    ),
    "hdmi.missing": Sentence(
        vi="Không thấy {name}. Cắm đầu USB của cáp vào máy của nhà văn hóa; nếu đã cắm, rút ra rồi "
        "cắm lại.",
        en="{name} was not found. Plug its USB end into the house's computer; if it is plugged in, "
        "pull it out and plug it in again.",
    ),
    "hdmi.unplugged": Sentence(
        vi="{name} đã bị rút khỏi máy của nhà văn hóa. Cắm chặt lại đầu USB của cáp.",
        en="{name} was pulled out of the house's computer. Plug its USB end in firmly again.",
    ),
    "hdmi.stopped": Sentence(
        vi="{name} vẫn cắm nhưng không đọc được hình. Rút đầu USB của cáp, chờ năm giây rồi "
        "cắm lại.",
        en="{name} is plugged in, but its picture cannot be read. Pull its USB end out, wait five "
        "seconds and plug it in again.",
    ),
    "hdmi.busy": Sentence(
        vi="Một chương trình khác đang dùng {name}. Tắt chương trình đó (OBS, Zoom…) trên máy của "
        "nhà văn hóa rồi chờ vài giây.",
        en="Another program is using {name}. Close it (OBS, Zoom…) on the house's computer and "
        "wait a few seconds.",
    ),
    "hdmi.forbidden": Sentence(
        vi="Hệ thống không được phép dùng {name}. Nhờ kỹ thuật viên thêm tài khoản của dịch vụ vào "
        "nhóm video.",
        en="The system may not use {name}. Ask the technician to add the service's account to the "
        "group video.",
    ),
    "hdmi.unusable": Sentence(
        vi="Không mở được {name} ({input}). Rút đầu USB rồi cắm lại; nếu vẫn không được, nhờ kỹ "
        "thuật viên kiểm tra đây có đúng là cáp HDMI không.",
        en="{name} ({input}) cannot be opened. Pull its USB end out and plug it in again; if that "
        "does not help, ask the technician whether this is the HDMI cable at all.",
    ),
    "hdmi.two_alike": Sentence(
        vi="Có hai cáp hoặc webcam giống hệt nhau nên không chắc hình này là của {name}. Nhờ kỹ "
        "thuật viên mở Cài đặt thiết bị và chọn lại từng cái theo ổ cắm USB của nó.",
        en="Two cables or webcams are alike, so that this may not be the picture of {name}. Ask "
        "the technician to open the set-up and to choose each anew, by its USB socket.",
    ),
}

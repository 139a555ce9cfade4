"""What is tried before a meeting, and what came of it."""

from web.sentences import Sentence

SENTENCES = {
    "rehearsal.no_camera": Sentence(
        vi="Chưa cài camera nào, ở xa sẽ không thấy hội trường. Nhờ kỹ thuật viên thêm camera.",
        en="No camera is set up, nobody far away will see the hall. Ask the technician to add one.",
    ),
    "rehearsal.picture_good": Sentence(vi="{name}: hình rõ.", en="{name}: the picture is clear."),
    "rehearsal.picture_unmeasured": Sentence(
        vi="{name}: chưa xem được hình. Chờ một phút rồi kiểm tra lại.",
        en="{name}: its picture could not be looked at. Wait a minute and try again.",
    ),
    "rehearsal.sound_unmeasured": Sentence(
        vi="Chưa thử được loa và micro. Kiểm tra lại; nếu vẫn vậy, rút dây USB của bộ âm thanh rồi "
        "cắm lại.",
        en="The loudspeaker and the microphone could not be tried. Try again; if that does not "
        "help, pull the sound device's USB cable out and plug it in again.",
    ),
    "rehearsal.projector_on": Sentence(
        vi="{name} đang bật, đúng ngõ vào {input}.",
        en="{name} is on and shows the right input, {input}.",
    ),
    "rehearsal.projector_input_unknown": Sentence(
        vi="{name} đang bật nhưng không cho biết đang chiếu ngõ vào nào. Nhìn lên màn xem có trang "
        "của nhà văn hóa không.",
        en="{name} is on but does not tell which input it shows. Look whether the house's page is "
        "on it.",
    ),
    "rehearsal.projector_off": Sentence(
        vi="{name} đang tắt. Khi bắt đầu họp máy tự bật; muốn có hình ngay thì bật trước một phút.",
        en="{name} is off. It is switched on when the meeting starts; switch it on a minute before "
        "to have a picture at once.",
    ),
    "rehearsal.projector_unmeasured": Sentence(
        vi="{name} chưa trả lời nên chưa biết đang bật hay tắt. Nhìn xem máy có sáng không.",
        en="{name} has not answered, so nobody knows whether it is on. Look whether it is lit.",
    ),
    "rehearsal.stage_shown": Sentence(
        vi="Màn hình lớn đang mở trang của nhà văn hóa.",
        en="The big screen shows the page of the house.",
    ),
    "rehearsal.stage_missing": Sentence(
        vi="Màn hình lớn chưa mở trang của nhà văn hóa. Bật màn hình và máy nối với nó; nếu vẫn "
        "trống, gọi kỹ thuật viên.",
        en="The big screen does not show the page of the house. Switch the screen and its computer "
        "on; if it stays empty, call the technician.",
    ),
    "rehearsal.stage_unmeasured": Sentence(
        vi="Chưa biết màn hình lớn đang hiện gì. Nhìn xem có tên nhà văn hóa trên đó không.",
        en="Nobody knows what the big screen shows. Look whether the name of the house is on it.",
    ),
    "rehearsal.disk_good": Sentence(
        vi="Ổ đĩa còn trống {free} GB.", en="The disk has {free} GB free."
    ),
    "rehearsal.disk_full": Sentence(
        vi="Ổ đĩa chỉ còn trống {free} GB, có thể không lưu được câu hỏi. Nhờ kỹ thuật viên dọn ổ "
        "đĩa.",
        en="The disk has only {free} GB free, questions may not be kept. Ask the technician to "
        "clear it.",
    ),
    "rehearsal.disk_unmeasured": Sentence(
        vi="Chưa đọc được ổ đĩa còn trống bao nhiêu. Báo cho kỹ thuật viên.",
        en="How much room the disk has could not be read. Tell the technician.",
    ),
    "rehearsal.clock_good": Sentence(
        vi="Đồng hồ của máy chạy đúng giờ mạng.", en="The computer's clock follows the network's."
    ),
    "rehearsal.clock_unset": Sentence(
        vi="Đồng hồ của máy chưa khớp giờ mạng. Xem giờ trên màn hình có đúng không; nhờ kỹ thuật "
        "viên bật đồng bộ giờ.",
        en="The computer's clock does not follow the network's. See whether the time on the screen "
        "is right; ask the technician to switch synchronization on.",
    ),
    "rehearsal.clock_unmeasured": Sentence(
        vi="Chưa biết đồng hồ của máy có đúng không. Xem giờ trên màn hình.",
        en="Nobody knows whether the computer's clock is right. Look at the time on the screen.",
    ),
    "rehearsal.line_good": Sentence(
        vi="Đã nối với phường, đi về hết {ms} mili giây.",
        en="The house is linked to its ward, {ms} milliseconds there and back.",
    ),
    "rehearsal.line_slow": Sentence(
        vi="Đã nối với phường nhưng chậm: đi về hết {ms} mili giây, dễ nói chen nhau. Tắt bớt máy "
        "đang xem phim, tải tệp trong nhà rồi kiểm tra lại.",
        en="The house is linked to its ward, but slowly: {ms} milliseconds there and back, people "
        "will talk over each other. Stop films and downloads in the house, then try again.",
    ),
    "rehearsal.line_unmeasured": Sentence(
        vi="Đang nối với phường, chưa biết được hay không. Chờ một phút rồi kiểm tra lại.",
        en="The house is linking to its ward. Wait a minute and try again.",
    ),
    "rehearsal.speed_good": Sentence(
        vi="Đường mạng tới phường đủ nhanh: tải về {down} Mbit/s, gửi đi {up} Mbit/s.",
        en="The line to the ward is fast enough: {down} Mbit/s down, {up} Mbit/s up.",
    ),
    "rehearsal.speed_low": Sentence(
        vi="Đường mạng tới phường chậm: tải về {down} Mbit/s, gửi đi {up} Mbit/s, hình dễ bị giật. "
        "Tắt bớt máy đang xem phim, tải tệp trong nhà; vẫn vậy thì gọi nhà mạng.",
        en="The line to the ward is slow: {down} Mbit/s down, {up} Mbit/s up, pictures may stand "
        "still. Stop films and downloads in the house; if it stays so, call the provider.",
    ),
    "rehearsal.speed_unmeasured": Sentence(
        vi="Chưa đo được tốc độ đường mạng tới phường. Chờ một phút rồi kiểm tra lại.",
        en="The speed of the line to the ward could not be measured. Wait a minute and try again.",
    ),
    "rehearsal.relay_unmeasured": Sentence(
        vi="Chưa thử xong đường vòng qua máy chủ của phường. Chờ một phút rồi kiểm tra lại.",
        en="The way through the ward's relay has not been tried yet. Wait a minute and try again.",
    ),
}

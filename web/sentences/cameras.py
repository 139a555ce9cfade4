"""What can be wrong with the hall's cameras, and with any device's driver."""

from web.sentences import Sentence

SENTENCES = {
    "camera.no_answer": Sentence(
        vi="{name} không trả lời ở địa chỉ {host}. Kiểm tra xem camera có điện không và dây mạng "
        "đã cắm chặt chưa.",
        en="{name} does not answer at {host}. Check that the camera has power and that its "
        "network cable is plugged in firmly.",
    ),
    "camera.refused": Sentence(
        vi="Thiết bị ở địa chỉ {host} từ chối kết nối của {name}. Camera có thể đang khởi động: "
        "chờ hai phút. Nếu vẫn không được, nhờ kỹ thuật viên kiểm tra địa chỉ camera.",
        en="The device at {host} refuses the connection for {name}. The camera may be starting: "
        "wait two minutes. If that does not help, ask the technician to check its address.",
    ),
    "camera.wrong_password": Sentence(
        vi="{name} không nhận tên đăng nhập hoặc mật khẩu. Nhờ kỹ thuật viên nhập lại mật khẩu "
        "của camera.",
        en="{name} does not accept the user name or password. Ask the technician to enter the "
        "camera's password again.",
    ),
    "camera.needs_password": Sentence(
        vi="{name} đòi mật khẩu nhưng chưa có mật khẩu nào được cài đặt. Nhờ kỹ thuật viên nhập "
        "tên đăng nhập và mật khẩu của camera.",
        en="{name} asks for a password, but none is set. Ask the technician to enter the "
        "camera's user name and password.",
    ),
    "camera.password_file": Sentence(
        vi="Không đọc được tệp mật khẩu của {name}: {path}. Nhờ kỹ thuật viên kiểm tra tệp này "
        "có tồn tại và được phép đọc.",
        en="The password file of {name} cannot be read: {path}. Ask the technician to check "
        "that it exists and may be read.",
    ),
    "camera.no_such_stream": Sentence(
        vi="{name} trả lời nhưng không có luồng hình ở địa chỉ đã cài đặt. Nhờ kỹ thuật viên "
        "kiểm tra phần cuối của địa chỉ RTSP.",
        en="{name} answers, but has no picture at the address that was set. Ask the technician "
        "to check the end of the RTSP address.",
    ),
    "camera.rejected": Sentence(
        vi="{name} không chịu gửi hình. Rút điện camera, chờ mười giây rồi cắm lại.",
        en="{name} declines to send its picture. Unplug the camera, wait ten seconds and plug it "
        "in again.",
    ),
    "camera.no_video": Sentence(
        vi="{name} trả lời nhưng không gửi hình đúng chuẩn. Nhờ kỹ thuật viên bật luồng hình "
        "H.264 trong cài đặt của camera.",
        en="{name} answers but offers no usable picture. Ask the technician to switch on an "
        "H.264 stream in the camera's settings.",
    ),
    "camera.silent": Sentence(
        vi="{name} nhận kết nối nhưng không gửi hình. Có thể quá nhiều người đang xem camera: "
        "tắt ứng dụng camera trên điện thoại và đầu ghi, hoặc rút điện camera rồi cắm lại.",
        en="{name} accepts the connection but sends no picture. Too many may be watching it: "
        "close camera apps on phones and recorders, or unplug the camera and plug it in again.",
    ),
    "camera.stalled": Sentence(
        vi="Hình từ {name} bị ngừng. Kiểm tra dây mạng và nguồn điện của camera; hệ thống đang "
        "tự kết nối lại.",
        en="The picture from {name} has stopped. Check the camera's network cable and power; it "
        "is being connected again.",
    ),
    "camera.lost": Sentence(
        vi="Mất kết nối với {name}. Kiểm tra dây mạng và nguồn điện của camera; hệ thống đang tự "
        "kết nối lại.",
        en="The connection to {name} was lost. Check the camera's network cable and power; it is "
        "being connected again.",
    ),
    "camera.too_late": Sentence(
        vi="Máy tính không kịp xử lý hình từ {name} nên hình bị ngắt quãng. Nhờ kỹ thuật viên đặt "
        "camera ở mức 1280×720, H.264, I-frame 2 giây.",
        en="The computer cannot keep up with the picture from {name}, so it breaks off now and "
        "then. Ask the technician to set the camera to 1280×720, H.264, I-frame 2 seconds.",
    ),
    "camera.no_key_frame": Sentence(
        vi="{name} gửi hình nhưng không thể bắt đầu xem được. Nhờ kỹ thuật viên đặt khoảng cách "
        "khung hình chính (I-frame, GOP) của camera là 2 giây.",
        en="{name} sends a picture that nobody can begin to watch. Ask the technician to set the "
        "camera's key-frame interval (I-frame, GOP) to 2 seconds.",
    ),
    "camera.nobody_sends": Sentence(
        vi="Chưa có phần mềm nào gửi hình vào {name}. Mở phần mềm phát (OBS) trên máy quay và bấm "
        "bắt đầu phát.",
        en="No program sends a picture to {name} yet. Open the sending program (OBS) on the "
        "computer with the camera and start the stream.",
    ),
    "camera.sender_gone": Sentence(
        vi="Phần mềm phát đã ngừng gửi hình vào {name}. Trên máy quay, bấm bắt đầu phát lại.",
        en="The sending program has stopped sending a picture to {name}. Start the stream again on "
        "the computer with the camera.",
    ),
    "camera.sender_silent": Sentence(
        vi="Phần mềm phát vẫn kết nối nhưng {name} không có hình. Xem phần mềm phát có đang quay "
        "không và mạng của máy đó có chạy không.",
        en="The sending program is connected, but {name} has no picture. See whether it is "
        "capturing, and whether that computer's network works.",
    ),
    "camera.sends_b_frames": Sentence(
        vi="{name} gửi hình có khung hình B (B-frame) nên người xem thấy hình giật. Nhờ kỹ thuật "
        "viên tắt B-frame trong phần mềm phát.",
        en="{name} sends B-frames, so viewers see the picture jump. Ask the technician to switch "
        "B-frames off in the sending program.",
    ),
    "camera.black": Sentence(
        vi="Hình từ {name} tối đen. Bật đèn hội trường; nếu đèn đã bật, xem ống kính có bị đậy nắp "
        "không.",
        en="The picture from {name} is black. Switch the hall's lights on; if they are on, see "
        "whether the lens has its cap on.",
    ),
    "camera.covered": Sentence(
        vi="Hình từ {name} chỉ có một màu, không thấy gì. Xem có vật gì che ống kính hoặc camera "
        "bị quay vào tường không.",
        en="The picture from {name} is of one colour, nothing can be seen. See whether something "
        "covers the lens, or the camera looks at a wall.",
    ),
    "camera.overexposed": Sentence(
        vi="Hình từ {name} trắng xóa vì quá sáng. Kéo rèm, hoặc quay camera tránh cửa sổ và đèn "
        "chiếu.",
        en="The picture from {name} is all white, it is too bright. Draw the curtains, or turn the "
        "camera away from windows and lamps.",
    ),
    "camera.blurred": Sentence(
        vi="Hình từ {name} mờ hẳn, không rõ mặt ai. Lau ống kính bằng khăn mềm và bỏ vật che; nếu "
        "vẫn mờ, nhờ kỹ thuật viên chỉnh nét.",
        en="The picture from {name} is blurred, nobody can be made out. Wipe the lens with a soft "
        "cloth, take away what covers it; if that does not help, ask the technician to focus it.",
    ),
    "camera.frozen": Sentence(
        vi="Hình từ {name} bị đứng: camera vẫn gửi nhưng hình không đổi. Rút điện camera (hoặc dây "
        "USB), chờ mười giây rồi cắm lại.",
        en="The picture from {name} stands still: the camera goes on sending, but always the same. "
        "Unplug its power (or its USB cable), wait ten seconds and plug it in again.",
    ),
    "camera.other_codec": Sentence(
        vi="{name} đang gửi hình kiểu {codec}; cuộc họp vẫn xem được nhưng máy phải làm việc "
        "nhiều hơn. Nhờ kỹ thuật viên đổi camera sang H.264.",
        en="{name} sends {codec}; the meeting can see it, but the computer has to work more. Ask "
        "the technician to set the camera to H.264.",
    ),
    "camera.b_frames": Sentence(
        vi="{name} đang dùng khung hình B (B-frame); cuộc họp vẫn xem được nhưng máy phải làm "
        "việc nhiều hơn. Nhờ kỹ thuật viên tắt B-frame hoặc chọn H.264 Baseline cho camera.",
        en="{name} uses B-frames; the meeting can see it, but the computer has to work more. Ask "
        "the technician to switch B-frames off or choose H.264 Baseline in the camera.",
    ),
    "camera.key_frames_rare": Sentence(
        vi="{name} gửi khung hình chính (I-frame) quá thưa; cuộc họp vẫn xem được nhưng máy phải "
        "làm việc nhiều hơn. Nhờ kỹ thuật viên đặt khoảng cách I-frame là 2 giây và tắt chế độ "
        "H.264+ hoặc Smart Codec.",
        en="{name} sends key frames too rarely; the meeting can see it, but the computer has to "
        "work more. Ask the technician to set the I-frame interval to 2 seconds and to switch "
        "H.264+ or Smart Codec off.",
    ),
    "webcam.missing": Sentence(
        vi="Không tìm thấy {name}. Cắm dây USB của webcam vào máy; nếu đã cắm, rút ra rồi cắm lại.",
        en="{name} was not found. Plug the webcam's USB cable into the computer; if it is "
        "plugged in, pull it out and plug it in again.",
    ),
    "webcam.unplugged": Sentence(
        vi="{name} đã bị rút ra hoặc ngừng gửi hình. Cắm chặt lại dây USB của webcam.",
        en="{name} was unplugged or has stopped. Plug the webcam's USB cable in firmly again.",
    ),
    "webcam.two_alike": Sentence(
        vi="Có hai webcam giống hệt nhau nên không chắc hình này là của {name}. Nhờ kỹ thuật viên "
        "mở Cài đặt thiết bị và chọn lại từng webcam theo ổ cắm USB của nó.",
        en="Two webcams are alike, so that this may not be the picture of {name}. Ask the "
        "technician to open the set-up and to choose each webcam anew, by its USB socket.",
    ),
    "webcam.busy": Sentence(
        vi="Một chương trình khác đang dùng {name}. Tắt chương trình đó (Zoom, Meet, Zalo…) rồi "
        "chờ vài giây.",
        en="Another program is using {name}. Close that program (Zoom, Meet, Zalo…) and wait a "
        "few seconds.",
    ),
    "webcam.forbidden": Sentence(
        vi="Hệ thống không được phép dùng {name}. Nhờ kỹ thuật viên thêm tài khoản của dịch vụ "
        "vào nhóm video.",
        en="The system may not use {name}. Ask the technician to add the service's account to "
        "the group video.",
    ),
    "webcam.stalled": Sentence(
        vi="{name} được cắm nhưng không gửi hình. Rút dây USB của webcam, chờ năm giây rồi cắm "
        "lại.",
        en="{name} is plugged in but sends no picture. Pull its USB cable out, wait five seconds "
        "and plug it in again.",
    ),
    "webcam.unusable": Sentence(
        vi="Không mở được {name} ({input}). Rút dây USB rồi cắm lại; nếu vẫn không được, nhờ kỹ "
        "thuật viên kiểm tra đây có đúng là webcam không.",
        en="{name} ({input}) cannot be opened. Pull its USB cable out and plug it in again; if "
        "that does not help, ask the technician whether this is the webcam at all.",
    ),
    "device.unexpected": Sentence(
        vi="{name} gặp lỗi bất ngờ; hệ thống đang tự thử lại. Nếu lỗi còn lặp lại, rút điện thiết "
        "bị rồi cắm lại và báo cho kỹ thuật viên.",
        en="{name} met an unexpected error; it is being tried again. If it keeps happening, "
        "unplug the device, plug it in again and tell the technician.",
    ),
}

"""Big screens and televisions that are switched over the network (MDC) or the HDMI cable (CEC)."""

from web.sentences import Sentence

SENTENCES = {
    "tv.no_answer": Sentence(
        vi="Màn hình ở {host} không trả lời. Hãy kiểm tra dây mạng và nguồn điện; trong menu của "
        "màn hình, bật “chờ có mạng” (Network standby).",
        en="The screen at {host} does not answer. Check its network cable and its power; in its "
        "menu, switch on “network standby”.",
    ),
    "tv.asleep": Sentence(
        vi="Màn hình ở {host} đang tắt hẳn và không nghe lệnh. Hãy bấm nút nguồn trên điều khiển "
        "từ xa; kỹ thuật viên bật “chờ có mạng” (Network standby) trong menu.",
        en="The screen at {host} is fully off and hears no commands. Press the power button of "
        "its remote control; a technician should switch on “network standby” in its menu.",
    ),
    "tv.silent": Sentence(
        vi="Màn hình ở {host} bỗng không trả lời nữa. Còn thấy hình thì cứ họp tiếp; nếu tối, hãy "
        "bấm nút nguồn trên điều khiển, rồi xem dây mạng và nguồn điện của màn hình.",
        en="The screen at {host} suddenly stopped answering. While its picture is there, go on; if "
        "it is dark, press the power button of its remote control, then check its network cable "
        "and power.",
    ),
    "tv.not_mdc": Sentence(
        vi="Thiết bị ở {host}, cổng {port}, trả lời không đúng kiểu màn hình Samsung (MDC). Hãy "
        "kiểm tra địa chỉ, và số hiệu (display_id) trong menu của màn hình.",
        en="What answers at {host}, port {port}, does not speak like a Samsung screen (MDC). "
        "Check the address, and the ID (display_id) in the screen's menu.",
    ),
    "tv.pin": Sentence(
        vi="Màn hình ở {host} không nhận mã PIN. Hãy xem mã trong menu mạng của màn hình và ghi "
        "lại vào tệp mật khẩu.",
        en="The screen at {host} refuses the PIN. Look it up in its network menu and write it "
        "into the password file.",
    ),
    "tv.pin_needed": Sentence(
        vi="Màn hình ở {host} đòi mã PIN. Hãy ghi mã vào một tệp và đặt tên tệp đó vào "
        "password_file, hoặc tắt Secured Protocol trong menu của màn hình.",
        en="The screen at {host} wants a PIN. Write it into a file and name that file in "
        "password_file, or switch off Secured Protocol in the screen's menu.",
    ),
    "tv.pin_blocked": Sentence(
        vi="Màn hình ở {host} tạm khóa vì mã PIN sai nhiều lần. Hãy rút điện màn hình một phút, "
        "xem đúng mã trong menu mạng (Secured Protocol) và ghi lại vào tệp mật khẩu.",
        en="The screen at {host} has locked itself after too many wrong PINs. Unplug it for a "
        "minute, look up the right PIN in its network menu (Secured Protocol) and write it into "
        "the password file.",
    ),
    "tv.password_file": Sentence(
        vi="Không đọc được tệp mã PIN của màn hình: {file}. Hãy kiểm tra tệp có đó không và dịch "
        "vụ avcontrol có quyền đọc không.",
        en="The screen's PIN file cannot be read: {file}. Check that it is there and that the "
        "avcontrol service may read it.",
    ),
    "tv.too_hot": Sentence(
        vi="Màn hình quá nóng. Hãy dọn các vật che khe thông gió, tránh nắng chiếu vào.",
        en="The screen is too hot. Clear whatever covers its vents, and keep the sun off it.",
    ),
    "tv.fan": Sentence(
        vi="Quạt của màn hình có lỗi. Hãy tắt màn hình và báo kỹ thuật viên.",
        en="The screen's fan has a fault. Switch the screen off and call the technician.",
    ),
    "tv.backlight": Sentence(
        vi="Đèn nền của màn hình có lỗi nên hình tối. Hãy báo kỹ thuật viên.",
        en="The screen's backlight has a fault, its picture is dark. Call the technician.",
    ),
    "tv.no_signal": Sentence(
        vi="Màn hình không nhận được tín hiệu từ máy tính. Hãy cắm lại dây HDMI ở cả hai đầu.",
        en="The screen gets no signal from the computer. Plug the HDMI cable in again at both "
        "ends.",
    ),
    "tv.will_not_start": Sentence(
        vi="Màn hình không bật lên dù đã ra lệnh nhiều lần. Hãy bấm nút nguồn trên điều khiển từ "
        "xa.",
        en="The screen does not switch on although it was told to several times. Press the power "
        "button of its remote control.",
    ),
    "tv.will_not_stop": Sentence(
        vi="Màn hình không tắt dù đã ra lệnh nhiều lần. Hãy tắt bằng điều khiển từ xa.",
        en="The screen does not switch off although it was told to several times. Use its remote "
        "control.",
    ),
    "tv.other_input": Sentence(
        vi="Màn hình đang chiếu ngõ {shown}, không phải ngõ {wanted} của cuộc họp. Hãy bấm nút "
        "Source/Input trên điều khiển từ xa.",
        en="The screen shows {shown}, not the meeting's input {wanted}. Press Source/Input on its "
        "remote control.",
    ),
    "tv.other_source": Sentence(
        vi="Tivi đang chiếu thiết bị khác, không phải máy tính của cuộc họp. Hãy bấm nút "
        "Source/Input trên điều khiển từ xa và chọn cổng HDMI cắm máy tính này.",
        en="The television shows another device, not the meeting's computer. Press Source/Input on "
        "its remote control and choose the HDMI socket of this computer.",
    ),
    "tv.hidden": Sentence(
        vi="Màn hình đang được để tối. Bấm “Hiện hình lại” ở trang Hình và tiếng.",
        en="The screen is kept dark. Tap “Show the picture again” on the page for picture and "
        "sound.",
    ),
    "tv.not_on": Sentence(
        vi="Màn hình chưa sáng nên chưa che hình được. Chờ màn hình sáng rồi bấm lại.",
        en="The screen is not lit yet, so that it cannot be darkened. Wait until it is, and tap "
        "again.",
    ),
    "tv.cannot_hide": Sentence(
        vi="Màn hình này không để tối từ đây được. Hãy dùng điều khiển từ xa.",
        en="This screen cannot be darkened from here. Use its remote control.",
    ),
    "tv.cannot_freeze": Sentence(
        vi="Màn hình này không giữ yên hình được.",
        en="This screen cannot keep a picture still.",
    ),
    "tv.cec_off": Sentence(
        vi="Tivi không trả lời qua dây HDMI. Hãy bật HDMI-CEC trong menu của tivi (Anynet+, "
        "Bravia Sync, Simplink…), và cắm lại dây HDMI.",
        en="The television does not answer over the HDMI cable. Switch on HDMI-CEC in its menu "
        "(Anynet+, Bravia Sync, Simplink…), and plug the cable in again.",
    ),
    "tv.cec_stuck": Sentence(
        vi="Bộ chuyển HDMI-CEC không trả lời. Hãy rút bộ chuyển khỏi cổng USB, chờ 10 giây rồi "
        "cắm lại.",
        en="The HDMI-CEC adapter does not answer. Pull it out of its USB socket, wait 10 seconds "
        "and plug it in again.",
    ),
    "tv.no_adapter": Sentence(
        vi="Không thấy bộ chuyển HDMI-CEC trên máy này. Hãy cắm bộ chuyển vào cổng USB; máy mini "
        "thường không có sẵn.",
        en="There is no HDMI-CEC adapter on this machine. Plug one into a USB socket; mini-PCs "
        "rarely have one built in.",
    ),
    "tv.no_cec_program": Sentence(
        vi="Chưa cài chương trình {program} để bật tắt tivi qua dây HDMI. Kỹ thuật viên cài bằng "
        "lệnh: sudo apt install cec-utils",
        en="The program {program}, which switches televisions over the HDMI cable, is not "
        "installed. A technician installs it with: sudo apt install cec-utils",
    ),
}

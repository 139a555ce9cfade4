"""Projectors, big screens, and the browser that fills them."""

from web.sentences import Sentence

SENTENCES = {
    "projector.no_answer": Sentence(
        vi="Máy chiếu không trả lời ở {host}. Hãy kiểm tra dây mạng và nguồn điện của máy chiếu; "
        "trong menu của máy, bật “chờ có mạng” (Network standby).",
        en="The projector does not answer at {host}. Check its network cable and its power; in "
        "its menu, switch on “network standby”.",
    ),
    "projector.asleep": Sentence(
        vi="Máy chiếu ở {host} đang tắt hẳn và không nghe lệnh qua mạng. Hãy bấm nút nguồn trên "
        "máy hoặc trên điều khiển từ xa; kỹ thuật viên bật “chờ có mạng” (Network standby) trong "
        "menu của máy.",
        en="The projector at {host} is fully off and hears no commands over the network. Press "
        "the power button on it or on its remote control; a technician should switch on “network "
        "standby” in its menu.",
    ),
    "projector.silent": Sentence(
        vi="Máy chiếu ở {host} bỗng không trả lời nữa. Màn chiếu còn sáng thì cứ họp tiếp; nếu "
        "tối, hãy bấm nút nguồn trên máy chiếu, rồi xem dây mạng và nguồn điện của máy.",
        en="The projector at {host} suddenly stopped answering. While its picture is there, go on; "
        "if the screen is dark, press its power button, then check its network cable and power.",
    ),
    "projector.hung_up": Sentence(
        vi="Máy chiếu ở {host} ngắt kết nối giữa chừng. Có thể một máy khác đang điều khiển nó: "
        "hãy tắt chương trình đó, hoặc rút điện máy chiếu 10 giây khi máy đã nguội.",
        en="The projector at {host} ends the connection midway. Another program may be "
        "controlling it: close that one, or unplug the projector for 10 seconds once it has "
        "cooled.",
    ),
    "projector.not_pjlink": Sentence(
        vi="Thiết bị ở {host}, cổng {port}, trả lời không đúng kiểu máy chiếu (PJLink). Hãy kiểm "
        "tra địa chỉ trong cấu hình, và bật PJLink trong menu của máy chiếu.",
        en="What answers at {host}, port {port}, does not speak the projector language PJLink. "
        "Check the address in the configuration, and switch on PJLink in the projector's menu.",
    ),
    "projector.password": Sentence(
        vi="Máy chiếu ở {host} không nhận mật khẩu. Hãy xem mật khẩu PJLink trong menu của máy "
        "chiếu và ghi lại vào tệp mật khẩu.",
        en="The projector at {host} refuses the password. Look up the PJLink password in the "
        "projector's menu and write it into the password file.",
    ),
    "projector.password_needed": Sentence(
        vi="Máy chiếu ở {host} đòi mật khẩu. Hãy ghi mật khẩu PJLink vào một tệp và đặt tên tệp "
        "đó vào password_file, hoặc bỏ mật khẩu trong menu của máy chiếu.",
        en="The projector at {host} wants a password. Write its PJLink password into a file and "
        "name that file in password_file, or remove the password in the projector's menu.",
    ),
    "projector.password_file": Sentence(
        vi="Không đọc được tệp mật khẩu của máy chiếu: {file}. Hãy kiểm tra tệp có đó không và "
        "dịch vụ avcontrol có quyền đọc không.",
        en="The projector's password file cannot be read: {file}. Check that it is there and that "
        "the avcontrol service may read it.",
    ),
    "projector.broken": Sentence(
        vi="Máy chiếu ở {host} báo bị hỏng. Hãy xem đèn báo trên máy, tắt máy, chờ nguội rồi bật "
        "lại; nếu vẫn vậy, gọi nơi bảo hành.",
        en="The projector at {host} reports a failure. Look at its lights, switch it off, let it "
        "cool and switch it on again; if that does not help, call its service.",
    ),
    "projector.too_hot": Sentence(
        vi="Máy chiếu quá nóng. Hãy dọn các vật che khe thông gió và lau lưới lọc bụi.",
        en="The projector is too hot. Clear whatever covers its vents and clean its dust filter.",
    ),
    "projector.lamp": Sentence(
        vi="Bóng đèn máy chiếu sắp hỏng hoặc đã hỏng. Hãy báo kỹ thuật viên thay bóng đèn.",
        en="The projector's lamp is failing or broken. Ask the technician to replace it.",
    ),
    "projector.fan": Sentence(
        vi="Quạt của máy chiếu có lỗi. Hãy tắt máy chiếu và báo kỹ thuật viên.",
        en="The projector's fan has a fault. Switch the projector off and call the technician.",
    ),
    "projector.cover": Sentence(
        vi="Nắp máy chiếu đang mở. Hãy đóng kín nắp che bóng đèn và nắp lưới lọc.",
        en="A cover of the projector is open. Close the covers of its lamp and its filter.",
    ),
    "projector.filter": Sentence(
        vi="Lưới lọc bụi của máy chiếu bị bẩn. Hãy lau hoặc thay lưới lọc khi máy đã tắt.",
        en="The projector's dust filter is clogged. Clean or replace it when the projector is off.",
    ),
    "projector.other_fault": Sentence(
        vi="Máy chiếu báo có lỗi. Hãy xem đèn báo trên máy và báo kỹ thuật viên.",
        en="The projector reports a fault. Look at its lights and call the technician.",
    ),
    "projector.will_not_start": Sentence(
        vi="Máy chiếu không bật lên dù đã ra lệnh nhiều lần. Hãy bấm nút nguồn trên máy hoặc trên "
        "điều khiển từ xa.",
        en="The projector does not switch on although it was told to several times. Press the "
        "power button on it or on its remote control.",
    ),
    "projector.will_not_stop": Sentence(
        vi="Máy chiếu không tắt dù đã ra lệnh nhiều lần. Hãy tắt bằng điều khiển từ xa và chờ "
        "quạt ngừng hẳn rồi mới ngắt điện.",
        en="The projector does not switch off although it was told to several times. Use its "
        "remote control, and cut the mains only after its fan has stopped.",
    ),
    "projector.other_input": Sentence(
        vi="Máy chiếu đang chiếu ngõ vào {shown}, không phải ngõ {wanted} của cuộc họp. Hãy bấm "
        "nút Source/Input trên điều khiển từ xa, hoặc sửa “input” trong cấu hình.",
        en="The projector shows its input {shown}, not the meeting's input {wanted}. Press "
        "Source/Input on its remote control, or correct “input” in the configuration.",
    ),
    "projector.no_such_input": Sentence(
        vi="Máy chiếu đang chiếu ngõ {shown} và không có ngõ {wanted} ghi trong cấu hình. Kỹ "
        "thuật viên chọn lại ngõ vào trong trang Cài đặt thiết bị.",
        en="The projector shows {shown} and has no input {wanted}, which the configuration "
        "names. A technician chooses the right one in the set-up of devices.",
    ),
    "projector.hidden": Sentence(
        vi="Máy chiếu đang che hình nên màn tối. Bấm “Hiện hình lại” ở trang Hình và tiếng, hoặc "
        "nút AV Mute/Blank trên điều khiển từ xa.",
        en="The projector hides its picture, the screen is dark. Tap “Show the picture again” on "
        "the page for picture and sound, or press AV Mute/Blank on its remote control.",
    ),
    "projector.frozen": Sentence(
        vi="Máy chiếu đang giữ yên một hình. Bấm “Hiện hình lại” ở trang Hình và tiếng, hoặc nút "
        "Freeze trên điều khiển từ xa.",
        en="The projector keeps one picture still. Tap “Show the picture again” on the page for "
        "picture and sound, or press Freeze on its remote control.",
    ),
    "projector.not_on": Sentence(
        vi="Máy chiếu chưa sáng nên chưa che hay giữ hình được. Chờ máy sáng rồi bấm lại.",
        en="The projector is not lit yet, so that its picture cannot be hidden or kept. Wait until "
        "it is, and tap again.",
    ),
    "projector.cannot_hide": Sentence(
        vi="Máy chiếu này không che hình qua mạng được. Hãy dùng nút AV Mute/Blank trên điều "
        "khiển.",
        en="This projector cannot hide its picture over the network. Use AV Mute/Blank on its "
        "remote control.",
    ),
    "projector.cannot_freeze": Sentence(
        vi="Máy chiếu này không giữ hình qua mạng được. Hãy dùng nút Freeze trên điều khiển.",
        en="This projector cannot keep its picture over the network. Use Freeze on its remote "
        "control.",
    ),
    "screen.not_installed": Sentence(
        vi="Chưa cài chương trình {program} để chiếu lên màn hình lớn. Kỹ thuật viên cài bằng "
        "lệnh: sudo apt install cage chromium",
        en="The program {program}, which fills the big screen, is not installed. A technician "
        "installs it with: sudo apt install cage chromium",
    ),
    "screen.not_started": Sentence(
        vi="Không khởi động được chương trình {program} của màn hình lớn. Hãy kiểm tra quyền chạy "
        "và chỗ trống trên đĩa.",
        en="The big screen's program {program} cannot be started. Check that it may be run and "
        "that the disk has room.",
    ),
    "screen.no_page": Sentence(
        vi="Màn hình lớn đã bật nhưng trang của nhà văn hóa không hiện ra; đang bật lại. Nếu lặp "
        "lại, rút điện máy tính 10 giây rồi cắm lại.",
        en="The big screen's browser runs but the house's page does not come up; it is being "
        "started again. If this keeps happening, unplug the computer for 10 seconds.",
    ),
    "screen.page_gone": Sentence(
        vi="Trang trên màn hình lớn đứng im đã {seconds} giây nên đang được bật lại. Chờ nửa phút; "
        "cuộc họp vẫn tiếp tục.",
        en="The page on the big screen has not moved for {seconds} seconds and is being started "
        "again. Wait for half a minute; the meeting goes on.",
    ),
    "screen.ended": Sentence(
        vi="Màn hình lớn bị tắt ngang (mã {status}) và đang được bật lại. Nếu lặp lại nhiều lần, "
        "hãy kiểm tra dây HDMI và khởi động lại máy tính.",
        en="The big screen's browser ended (status {status}) and is being started again. If this "
        "keeps happening, check the HDMI cable and restart the computer.",
    ),
}

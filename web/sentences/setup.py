"""The set-up of the hall's devices, for whoever stands before them."""

from web.sentences import Sentence

SENTENCES = {
    "setup.in_meeting": Sentence(
        vi="Đang họp, nên chưa thử và chưa lưu được. Những gì đã gõ vẫn còn đây: hãy làm tiếp khi "
        "họp xong.",
        en="A meeting is under way, so nothing can be tried or saved. What you typed stays here: "
        "go on when it is over.",
    ),
    "setup.busy": Sentence(
        vi="Máy đang tìm hoặc đang thử một thiết bị. Chờ chừng mười lăm giây rồi bấm lại.",
        en="Another device is being looked for or tried. Wait some fifteen seconds and tap again.",
    ),
    "setup.house_missing": Sentence(
        vi="Hãy ghi tên nhà văn hóa và tên phường.",
        en="Write the name of the house and of its ward.",
    ),
    "setup.name_missing": Sentence(
        vi="Hãy đặt tên cho thiết bị, để ai cũng biết là cái nào.",
        en="Give the device a name, so that everybody knows which one it is.",
    ),
    "setup.same_name": Sentence(
        vi="Đã có thiết bị khác tên “{name}”. Hãy đặt tên khác.",
        en="Another device is called “{name}” already. Choose another name.",
    ),
    "setup.address_missing": Sentence(
        vi="Hãy gõ địa chỉ của thiết bị, ví dụ 192.168.1.20.",
        en="Type the device's address, for example 192.168.1.20.",
    ),
    "setup.camera_address": Sentence(
        vi="Địa chỉ camera viết chưa đúng. Gõ số địa chỉ như 192.168.1.20, hoặc cả đường dẫn hình "
        "như rtsp://192.168.1.20:554/stream1.",
        en="The camera's address is not right. Type its number, like 192.168.1.20, or the whole "
        "address of its picture, like rtsp://192.168.1.20:554/stream1.",
    ),
    "setup.projector_address": Sentence(
        vi="Địa chỉ máy chiếu viết chưa đúng. Gõ số địa chỉ trong menu mạng của máy chiếu, ví dụ "
        "192.168.1.30.",
        en="The projector's address is not right. Type the number that its network menu shows, "
        "like 192.168.1.30.",
    ),
    "setup.tv_pin": Sentence(
        vi="Màn hình ở {host} đòi mã PIN khác. Xem mã trong menu mạng của màn hình (Secured "
        "Protocol), gõ vào ô bên dưới rồi thử lại.",
        en="The screen at {host} wants another PIN. Look it up in its network menu (Secured "
        "Protocol), type it into the field below and try again.",
    ),
    "setup.tv_pin_needed": Sentence(
        vi="Màn hình ở {host} hỏi mã PIN. Xem mã trong menu mạng của màn hình (Secured Protocol), "
        "gõ vào ô bên dưới rồi thử lại; hoặc tắt Secured Protocol.",
        en="The screen at {host} asks for a PIN. Look it up in its network menu (Secured "
        "Protocol), type it into the field below and try again; or switch Secured Protocol off.",
    ),
    "setup.tv_pin_blocked": Sentence(
        vi="Màn hình ở {host} tạm khóa vì mã PIN sai nhiều lần. Rút điện màn hình một phút, xem "
        "đúng mã trong menu mạng (Secured Protocol), gõ vào ô bên dưới rồi thử lại.",
        en="The screen at {host} has locked itself after too many wrong PINs. Unplug it for a "
        "minute, look up the right one in its network menu (Secured Protocol), type it into the "
        "field below and try again.",
    ),
    "setup.address_with_password": Sentence(
        vi="Đừng để tên và mật khẩu trong địa chỉ: bỏ phần trước dấu @, gõ tên và mật khẩu vào "
        "hai ô bên dưới.",
        en="Leave user and password out of the address: remove what stands before the @, and type "
        "them into the two fields below.",
    ),
    "setup.user_missing": Sentence(
        vi="Có mật khẩu mà chưa có tên đăng nhập. Tên thường là admin, ghi trên nhãn hoặc sách "
        "hướng dẫn của camera.",
        en="There is a password and no user name. It is often admin, and stands on the camera's "
        "label or in its manual.",
    ),
    "setup.too_many_cameras": Sentence(
        vi="Một nhà văn hóa dùng nhiều nhất {most} camera. Hãy bỏ bớt một camera rồi thêm lại.",
        en="A house has {most} cameras at most. Take one away first.",
    ),
    "setup.same_microphone": Sentence(
        vi="Micro dự phòng phải là một micro khác. Chọn micro khác, hoặc để “Không có”.",
        en="The fallback has to be another microphone. Choose another one, or “None”.",
    ),
    "setup.choose_sound": Sentence(
        vi="Hãy chọn cả micro và loa. Nếu danh sách trống: cắm thiết bị vào cổng USB, quay lại "
        "bước tìm và bấm Tìm thiết bị.",
        en="Choose both a microphone and a loudspeaker. If the list is empty: plug the device "
        "into USB, go back and look for devices again.",
    ),
    "setup.no_picture": Sentence(
        vi="{name} nhận kết nối nhưng sau mười lăm giây chưa gửi hình nào xem được. Rút điện "
        "camera, chờ mười giây, cắm lại, chờ một phút rồi thử lại.",
        en="{name} takes the connection but has sent no picture in fifteen seconds. Unplug it, "
        "wait ten seconds, plug it in, wait a minute and try again.",
    ),
    "setup.picture_good": Sentence(
        vi="{name}: có hình, {size}.",
        en="{name}: there is a picture, {size}.",
    ),
    "setup.camera_password": Sentence(
        vi="{name} không nhận tên hoặc mật khẩu này. Gõ lại hai ô bên dưới; nhiều camera có tài "
        "khoản riêng cho ONVIF, tạo trong trang cài đặt của camera.",
        en="{name} does not accept this user or password. Type both again below; many cameras "
        "have an account of its own for ONVIF, made in the camera's settings.",
    ),
    "setup.onvif_login": Sentence(
        vi="{name}: hình thì vào được, nhưng ONVIF cần tài khoản riêng. Tạo tài khoản ONVIF trong "
        "trang cài đặt của camera, gõ tên và mật khẩu đó vào hai ô ONVIF bên dưới rồi thử lại.",
        en="{name}: its picture lets us in, its ONVIF wants an account of its own. Make an ONVIF "
        "user in the camera's settings, type it into the two ONVIF fields below and try again.",
    ),
    "setup.onvif_login_refused": Sentence(
        vi="{name}: ONVIF không nhận tên hoặc mật khẩu này. Gõ lại hai ô ONVIF bên dưới.",
        en="{name}: its ONVIF refuses this user or password. Type the two ONVIF fields again.",
    ),
    "setup.camera_password_needed": Sentence(
        vi="{name} đòi mật khẩu. Gõ tên đăng nhập và mật khẩu của camera vào hai ô bên dưới rồi "
        "thử lại.",
        en="{name} wants a password. Type the camera's user name and password below and try again.",
    ),
    "setup.projector_password": Sentence(
        vi="Máy chiếu ở {host} không nhận mật khẩu này. Xem mật khẩu PJLink trong menu mạng của "
        "máy chiếu, gõ lại bên dưới rồi thử lại.",
        en="The projector at {host} does not accept this password. Look up the PJLink password in "
        "its network menu, type it below and try again.",
    ),
    "setup.projector_password_needed": Sentence(
        vi="Máy chiếu ở {host} đòi mật khẩu PJLink. Gõ mật khẩu vào ô bên dưới rồi thử lại, hoặc "
        "bỏ mật khẩu trong menu mạng của máy chiếu.",
        en="The projector at {host} wants its PJLink password. Type it below and try again, or "
        "remove it in the projector's network menu.",
    ),
    "setup.projector_silent": Sentence(
        vi="Máy chiếu nhận kết nối nhưng không trả lời trọn câu. Bật máy chiếu bằng điều khiển, "
        "chờ một phút rồi thử lại; nếu vẫn vậy, rút điện máy chiếu mười giây khi máy đã nguội.",
        en="The projector takes the connection and does not answer to the end. Switch it on with "
        "its remote control, wait a minute and try again; if that does not help, unplug it for "
        "ten seconds once it has cooled.",
    ),
    "setup.projector_on": Sentence(
        vi="{name} trả lời: đang bật.",
        en="{name} answers: it is on.",
    ),
    "setup.projector_off": Sentence(
        vi="{name} trả lời: đang tắt, nghe được lệnh bật.",
        en="{name} answers: it is off and can be switched on.",
    ),
    "setup.not_pjlink": Sentence(
        vi="Thiết bị ở {host} trả lời không đúng kiểu máy chiếu. Xem lại địa chỉ bên dưới, và bật "
        "PJLink trong menu mạng của máy chiếu.",
        en="What answers at {host} does not speak the projectors' language. Check the address "
        "below, and switch on PJLink in the projector's network menu.",
    ),
    "setup.no_file": Sentence(
        vi="Nhà văn hóa này chạy thử, không có tệp cấu hình, nên không lưu được.",
        en="This house is a demonstration without a configuration file, so nothing can be saved.",
    ),
    "setup.cannot_write": Sentence(
        vi="Không ghi được tệp {file}: {detail}. Tệp và thư mục của nó phải thuộc về dịch vụ "
        "avcontrol. Những gì đã gõ vẫn còn đây.",
        en="The file {file} cannot be written: {detail}. It and its folder have to belong to the "
        "avcontrol service. What you typed stays here.",
    ),
}

"""What `avcontrol doctor` finds on a machine."""

from web.sentences import Sentence

SENTENCES = {
    "doctor.good": Sentence(
        vi="tốt",
        en="good",
    ),
    "doctor.advice": Sentence(
        vi="nên xem",
        en="advice",
    ),
    "doctor.needed": Sentence(
        vi="PHẢI SỬA",
        en="MEND THIS",
    ),
    "doctor.unmeasured": Sentence(
        vi="không đo được",
        en="not measured",
    ),
    "doctor.mend": Sentence(
        vi="Còn {count} việc phải sửa trước khi dùng.",
        en="Things to mend before it can be used: {count}.",
    ),
    "doctor.nothing_to_mend": Sentence(
        vi="Không có gì bắt buộc phải sửa.",
        en="Nothing has to be mended.",
    ),
    "doctor.python": Sentence(
        vi="Python {version}.",
        en="Python {version}.",
    ),
    "doctor.python_unsuitable": Sentence(
        vi="Python {version} không dùng được. Hãy cài Python 3.11, 3.12 hoặc 3.13.",
        en="Python {version} cannot be used. Install Python 3.11, 3.12 or 3.13.",
    ),
    "doctor.microphone_found": Sentence(
        vi="Micro: {name}.",
        en="Microphones: {name}.",
    ),
    "doctor.loudspeaker_found": Sentence(
        vi="Loa: {name}.",
        en="Loudspeakers: {name}.",
    ),
    "doctor.microphone_none": Sentence(
        vi="Không thấy micro nào. Hãy cắm micro hoặc thiết bị hội nghị USB.",
        en="There is no microphone. Plug in a microphone or a USB speakerphone.",
    ),
    "doctor.loudspeaker_none": Sentence(
        vi="Không thấy loa nào. Hãy cắm loa hoặc thiết bị hội nghị USB.",
        en="There is no loudspeaker. Plug in loudspeakers or a USB speakerphone.",
    ),
    "doctor.webcam_found": Sentence(
        vi="Camera USB: {name} ({device}).",
        en="Webcam: {name} ({device}).",
    ),
    "doctor.webcam_none": Sentence(
        vi="Không thấy camera USB nào. Chỉ cần khi không dùng camera mạng.",
        en="There is no webcam. One is needed only where there is no network camera.",
    ),
    "doctor.webcam_missing": Sentence(
        vi="Không thấy {name} ở {device}. Hãy cắm lại, rồi xem tên đúng bằng: ls /dev/v4l/by-id/",
        en="{name} is not at {device}. Plug it in, and look up its name with: ls /dev/v4l/by-id/",
    ),
    "doctor.webcam_forbidden": Sentence(
        vi="Không có quyền dùng {name} ({device}). Hãy chạy: sudo usermod -aG video TÊN_NGƯỜI_DÙNG",
        en="{name} ({device}) may not be used by this user. Run: sudo usermod -aG video USER",
    ),
    "doctor.runs_well": Sentence(
        vi="{name}: chạy tốt; nhà văn hóa đang mở nên hỏi chính nhà văn hóa.",
        en="{name} works, says the house, which runs.",
    ),
    "doctor.screen_program": Sentence(
        vi="Màn hình lớn: có chương trình {program}.",
        en="Big screen: {program} is installed.",
    ),
    "doctor.data_forbidden": Sentence(
        vi="Không ghi được vào {folder}. Hãy chạy bằng người dùng avcontrol, hoặc: sudo chown "
        "avcontrol {folder}",
        en="{folder} cannot be written to. Run this as the user avcontrol, or: sudo chown "
        "avcontrol {folder}",
    ),
    "doctor.disk_free": Sentence(
        vi="Đĩa chứa {folder} còn trống {free} GB.",
        en="The disk of {folder} has {free} GB free.",
    ),
    "doctor.disk_full": Sentence(
        vi="Đĩa chứa {folder} chỉ còn {free} GB. Hãy xóa bớt bản ghi cũ hoặc thay đĩa lớn hơn.",
        en="The disk of {folder} has only {free} GB left. Delete old recordings or use a larger "
        "disk.",
    ),
    "doctor.disk_unmeasured": Sentence(
        vi="Không đo được chỗ trống của đĩa chứa {folder}.",
        en="The free space of the disk of {folder} could not be measured.",
    ),
    "doctor.memory": Sentence(
        vi="Bộ nhớ {total} GB, còn dùng được {free} GB.",
        en="Memory: {total} GB, of which {free} GB can be used.",
    ),
    "doctor.memory_short": Sentence(
        vi="Bộ nhớ {total} GB, chỉ còn {free} GB. Hãy đóng bớt chương trình; máy nên có từ 4 GB.",
        en="Memory: {total} GB, with {free} GB left. Close other programs; 4 GB or more are "
        "advised.",
    ),
    "doctor.memory_unmeasured": Sentence(
        vi="Không đo được bộ nhớ.",
        en="The memory could not be measured.",
    ),
    "doctor.clock": Sentence(
        vi="Đồng hồ được chỉnh theo mạng.",
        en="The clock is set from the network.",
    ),
    "doctor.starts_by_itself": Sentence(
        vi="Có điện lại thì phần mềm tự chạy. Trong BIOS đặt “Restore on AC Power Loss” là “Power "
        "On” để máy cũng tự bật.",
        en="The program starts by itself when power is back. Set “Restore on AC Power Loss” to "
        "“Power On” in the BIOS, so that the computer does, too.",
    ),
    "doctor.starts_by_hand": Sentence(
        vi="Có điện lại thì phần mềm không tự chạy. Hãy chạy: sudo systemctl enable "
        "avcontrol-house",
        en="The program does not start by itself when power is back. Run: sudo systemctl enable "
        "avcontrol-house",
    ),
    "doctor.clock_unset": Sentence(
        vi="Đồng hồ chưa được chỉnh theo mạng. Hãy kiểm tra giờ, và chạy: sudo timedatectl "
        "set-ntp true",
        en="The clock is not set from the network. Check the time, and run: sudo timedatectl "
        "set-ntp true",
    ),
    "doctor.clock_unmeasured": Sentence(
        vi="Không biết đồng hồ có được chỉnh theo mạng không. Hãy so giờ máy với điện thoại.",
        en="Whether the clock is set from the network is unknown. Compare it with a telephone.",
    ),
    "doctor.time_zone": Sentence(
        vi="Múi giờ {name}.",
        en="Time zone {name}.",
    ),
    "doctor.time_zone_elsewhere": Sentence(
        vi="Múi giờ {name} không phải giờ Việt Nam. Hãy chạy: sudo timedatectl set-timezone "
        "Asia/Ho_Chi_Minh",
        en="The time zone {name} is not that of Vietnam. Run: sudo timedatectl set-timezone "
        "Asia/Ho_Chi_Minh",
    ),
    "doctor.port_free": Sentence(
        vi="Cổng {port} ở {host} còn trống.",
        en="Port {port} at {host} is free.",
    ),
    "doctor.port_ours": Sentence(
        vi="Nhà văn hóa đang chạy ở {host}, cổng {port}.",
        en="A house is running at {host}, port {port}.",
    ),
    "doctor.port_taken": Sentence(
        vi="Một chương trình khác đang dùng cổng {port}. Hãy tắt nó, hoặc đổi web.port trong cấu "
        "hình.",
        en="Another program uses port {port}. Stop it, or change web.port in the configuration.",
    ),
    "doctor.port_forbidden": Sentence(
        vi="Không được phép dùng cổng {port}. Hãy chọn web.port từ 1024 trở lên.",
        en="Port {port} may not be used by this user. Choose a web.port of 1024 or more.",
    ),
    "doctor.port_unusable": Sentence(
        vi="Không mở được cổng {port} ở địa chỉ {host}. Hãy kiểm tra web.host: 127.0.0.1, 0.0.0.0 "
        "hoặc một địa chỉ của máy này.",
        en="Port {port} cannot be opened at {host}. Check web.host: 127.0.0.1, 0.0.0.0 or an "
        "address of this computer.",
    ),
    "doctor.relay_none": Sentence(
        vi="Phường chưa cho nhà văn hóa máy chuyển tiếp hình và tiếng nào. Cán bộ ở mạng khác có "
        "thể không thấy hình. Hãy hỏi phường.",
        en="The ward offers this house no relay for picture and sound. Officials on other networks "
        "may get no picture. Ask the ward.",
    ),
    "doctor.relay_not_linked": Sentence(
        vi="Chưa thử được máy chuyển tiếp hình và tiếng vì chưa nối được với phường. Hãy xem trang "
        "kỹ thuật.",
        en="The relay for picture and sound could not be tried: there is no link to the ward. See "
        "the technician's page.",
    ),
    "doctor.relay_not_running": Sentence(
        vi="Chưa thử được máy chuyển tiếp hình và tiếng vì nhà văn hóa chưa chạy. Hãy khởi động "
        "dịch vụ, rồi chạy lại lệnh này.",
        en="The relay for picture and sound could not be tried: the house is not running. Start "
        "the service, then run this again.",
    ),
}

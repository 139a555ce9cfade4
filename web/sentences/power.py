"""What is said of mains, batteries and a UPS, and of a clock that a power cut put wrong."""

from web.sentences import Sentence

SENTENCES = {
    "power.on_mains": Sentence(
        vi="Có điện lưới, bộ lưu điện sẵn sàng.", en="There is mains power, the battery stands by."
    ),
    "power.on_battery": Sentence(
        vi="Mất điện lưới: máy đang chạy bằng pin hoặc bộ lưu điện, chưa biết được bao lâu. Xem "
        "phích cắm và cầu dao; phát phiếu giấy, chốt những việc gấp trước.",
        en="No mains power: the computer runs on its battery or UPS, for nobody knows how long. "
        "Look at plug and fuse; hand out paper slips, and settle first what is urgent.",
    ),
    "power.on_battery_charge": Sentence(
        vi="Mất điện lưới: máy đang chạy bằng pin hoặc bộ lưu điện, còn chừng {charge} %. Xem "
        "phích cắm và cầu dao; phát phiếu giấy, chốt những việc gấp trước.",
        en="No mains power: the computer runs on its battery or UPS, about {charge} % is left. "
        "Look at plug and fuse; hand out paper slips, and settle first what is urgent.",
    ),
    "power.on_battery_time": Sentence(
        vi="Mất điện lưới: máy đang chạy bằng pin hoặc bộ lưu điện, còn chừng {charge} %, "
        "{minutes} phút. Xem phích cắm và cầu dao; phát phiếu giấy, chốt những việc gấp trước.",
        en="No mains power: the computer runs on its battery or UPS, about {charge} %, {minutes} "
        "minutes are left. Look at plug and fuse; hand out paper slips, and settle first what is "
        "urgent.",
    ),
    "power.battery_low": Sentence(
        vi="Mất điện lưới và pin sắp hết: máy có thể tắt trong vài phút. Câu hỏi đã nhận đều được "
        "giữ. Báo mọi người, kết thúc họp hoặc họp tiếp không có máy; có điện lại máy tự bật.",
        en="No mains power, and the battery is nearly empty: the computer may stop within minutes. "
        "All questions are kept. Tell people, end the meeting or go on without it; it starts by "
        "itself once there is power.",
    ),
    "power.ups_overloaded": Sentence(
        vi="Bộ lưu điện bị quá tải, mất điện là máy tắt ngay. Rút bớt thiết bị khỏi bộ lưu điện; "
        "máy chiếu và âm-li cắm thẳng vào ổ tường.",
        en="The UPS is overloaded: in a power cut the computer stops at once. Unplug something "
        "from it; projector and amplifier belong into the wall socket.",
    ),
    "power.ups_battery_old": Sentence(
        vi="Ắc quy của bộ lưu điện đã hỏng, mất điện là máy có thể tắt ngay. Nhờ kỹ thuật viên "
        "thay ắc quy.",
        en="The battery of the UPS is worn out: in a power cut the computer may stop at once. Ask "
        "the technician to replace it.",
    ),
    "power.ups_no_server": Sentence(
        vi="Không hỏi được bộ lưu điện: máy chủ NUT ở {host} không trả lời. Kỹ thuật viên xem dịch "
        "vụ nut-server còn chạy không và địa chỉ trong phần [power].",
        en="The UPS cannot be asked: the NUT server at {host} does not answer. The technician "
        "should see whether nut-server runs, and the address in [power].",
    ),
    "power.ups_silent": Sentence(
        vi="Bộ lưu điện không còn báo gì ({why}). Cắm lại dây USB giữa bộ lưu điện và máy; vẫn "
        "vậy thì kỹ thuật viên khởi động lại dịch vụ nut-driver.",
        en="The UPS tells nothing any more ({why}). Plug its USB cable in again; if that does not "
        "help, the technician should restart nut-driver.",
    ),
    "power.ups_unknown": Sentence(
        vi="Máy chủ NUT ở {host} không có bộ lưu điện tên “{ups}”. Kỹ thuật viên xem tên bằng lệnh "
        "“upsc -l {host}” rồi sửa phần [power].",
        en="The NUT server at {host} has no UPS named “{ups}”. The technician finds its name with "
        "“upsc -l {host}” and corrects [power].",
    ),
    "power.ups_garbled": Sentence(
        vi="Ở {host} có máy trả lời nhưng không phải máy chủ NUT. Kỹ thuật viên xem lại địa chỉ và "
        "cổng trong phần [power].",
        en="{host} answers, but not as a NUT server does. The technician should check address and "
        "port in [power].",
    ),
    "sound.microphone_battery": Sentence(
        vi="Pin micro không dây còn chừng {charge} %. Thay hoặc sạc pin trước khi họp; để sẵn một "
        "micro có dây.",
        en="The wireless microphone's battery has about {charge} % left. Replace or charge it "
        "before the meeting, and keep a wired microphone at hand.",
    ),
    "clock.slow_minutes": Sentence(
        vi="Đồng hồ của máy chậm {count} phút so với phường. Vẫn họp được; nhưng lời mời và kết "
        "nối bảo mật có thể bị từ chối. Nhờ kỹ thuật viên bật đồng bộ giờ mạng.",
        en="The computer's clock is {count} minutes behind the ward's. One can meet, but "
        "invitations and secure connections may be refused. Ask the technician to switch network "
        "time on.",
    ),
    "clock.slow_hours": Sentence(
        vi="Đồng hồ của máy chậm {count} giờ so với phường. Vẫn họp được; nhưng lời mời và kết nối "
        "bảo mật có thể bị từ chối. Nhờ kỹ thuật viên bật đồng bộ giờ mạng.",
        en="The computer's clock is {count} hours behind the ward's. One can meet, but invitations "
        "and secure connections may be refused. Ask the technician to switch network time on.",
    ),
    "clock.slow_days": Sentence(
        vi="Đồng hồ của máy chậm {count} ngày so với phường, thường là do mất điện và pin CMOS đã "
        "hết. Vẫn họp được; nhưng lời mời và kết nối bảo mật bị từ chối. Nhờ kỹ thuật viên bật "
        "đồng bộ giờ mạng, thay pin CMOS.",
        en="The computer's clock is {count} days behind the ward's, mostly because of a power cut "
        "and an empty CMOS battery. One can meet, but invitations and secure connections are "
        "refused. Ask the technician to switch network time on and replace that battery.",
    ),
    "clock.fast_minutes": Sentence(
        vi="Đồng hồ của máy nhanh {count} phút so với phường. Vẫn họp được; nhưng lời mời và kết "
        "nối bảo mật có thể bị từ chối. Nhờ kỹ thuật viên bật đồng bộ giờ mạng.",
        en="The computer's clock is {count} minutes ahead of the ward's. One can meet, but "
        "invitations and secure connections may be refused. Ask the technician to switch network "
        "time on.",
    ),
    "clock.fast_hours": Sentence(
        vi="Đồng hồ của máy nhanh {count} giờ so với phường. Vẫn họp được; nhưng lời mời và kết "
        "nối bảo mật có thể bị từ chối. Nhờ kỹ thuật viên bật đồng bộ giờ mạng.",
        en="The computer's clock is {count} hours ahead of the ward's. One can meet, but "
        "invitations and secure connections may be refused. Ask the technician to switch network "
        "time on.",
    ),
    "clock.fast_days": Sentence(
        vi="Đồng hồ của máy nhanh {count} ngày so với phường. Vẫn họp được; nhưng lời mời và kết "
        "nối bảo mật bị từ chối. Nhờ kỹ thuật viên chỉnh ngày giờ rồi bật đồng bộ giờ mạng.",
        en="The computer's clock is {count} days ahead of the ward's. One can meet, but "
        "invitations and secure connections are refused. Ask the technician to set the date, then "
        "to switch network time on.",
    ),
    "clock.goes_back": Sentence(
        vi="Đồng hồ của máy đã lùi lại: có việc ghi trước đây mang giờ muộn hơn bây giờ, thường "
        "là do mất điện. Vẫn họp được; giờ trên biên bản và lời mời sẽ sai. Xem giờ trên màn "
        "hình; nhờ kỹ thuật viên chỉnh ngày giờ, thay pin CMOS.",
        en="The computer's clock went back: what was noted earlier is later than now, mostly "
        "because of a power cut. One can meet, but the times on minutes and invitations will be "
        "wrong. See the time on the screen; ask the technician to set it and to replace the CMOS "
        "battery.",
    ),
    "clock.before_certificate": Sentence(
        vi="Đồng hồ của máy chậm: chứng chỉ của phường bắt đầu sau giờ này, nên chưa nối được với "
        "phường. Vẫn họp được trong hội trường. Nhờ kỹ thuật viên chỉnh ngày giờ, bật đồng bộ giờ "
        "mạng.",
        en="The computer's clock is behind: by it, the ward's certificate is not valid yet, so "
        "there is no link to the ward. One can meet in the hall. Ask the technician to set the "
        "date and to switch network time on.",
    ),
    "rehearsal.clock_as_hub": Sentence(
        vi="Đồng hồ của máy khớp với giờ của phường.",
        en="The computer's clock agrees with the ward's.",
    ),
    "rehearsal.power_unmeasured": Sentence(
        vi="Chưa biết điện lưới và bộ lưu điện ra sao. Nhìn đèn trên bộ lưu điện.",
        en="Nobody knows how mains and UPS are. Look at the lamps of the UPS.",
    ),
}

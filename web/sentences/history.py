"""What was, for the technician: how often something failed, and its numbers with their units."""

from web.sentences import Sentence

SENTENCES = {
    "history.lost": Sentence(
        vi="{name} mất liên lạc {count} lần trong {days} ngày, lâu nhất {longest}.",
        en="{name} was out of reach {count} times in {days} days, {longest} at most.",
    ),
    "history.failed": Sentence(
        vi="{name} bị lỗi {count} lần trong {days} ngày, lâu nhất {longest}.",
        en="{name} failed {count} times in {days} days, for {longest} at most.",
    ),
    "history.impaired": Sentence(
        vi="{name} chạy chưa tốt {count} lần trong {days} ngày, lâu nhất {longest}.",
        en="{name} did not work as it should {count} times in {days} days, for {longest} at most.",
    ),
    "history.well": Sentence(
        vi="{name} không có lỗi nào trong {days} ngày.",
        en="{name} had no fault in {days} days.",
    ),
    "history.unknown": Sentence(
        vi="Chưa ghi được gì về {name} trong {days} ngày. Để máy chạy rồi xem lại sau.",
        en="Nothing was noted of {name} in {days} days. Let the house run, and look again later.",
    ),
    "history.dark": Sentence(
        vi="Máy của nhà văn hóa tắt hoặc chưa ghi: {longest}. Lúc đó không biết thiết bị ra sao.",
        en="The house was off, or nothing was noted yet, for {longest}: nothing is known of then.",
    ),
    "quantity.round_trip": Sentence(
        vi="Thời gian đi về tới phường (mili giây)", en="To the ward and back (milliseconds)"
    ),
    "quantity.level": Sentence(vi="Mức tiếng (dBFS)", en="Level of sound (dBFS)"),
    "quantity.volume": Sentence(vi="Âm lượng (%)", en="Volume (%)"),
    "quantity.gain": Sentence(vi="Độ nhạy trong máy tính (%)", en="Gain in the computer (%)"),
    "quantity.echo": Sentence(
        vi="Tiếng vọng còn lại (dB so với loa)", en="Echo that is left (dB of the loudspeaker)"
    ),
    "quantity.lamp_hours": Sentence(
        vi="Bóng đèn đã dùng (giờ)", en="The lamp was used for (hours)"
    ),
    "quantity.free": Sentence(vi="Ổ đĩa còn trống (GB)", en="Room on the disk (GB)"),
    "quantity.cpu": Sentence(vi="Bộ xử lý bận (%)", en="The processor is busy (%)"),
    "quantity.memory": Sentence(vi="Bộ nhớ còn trống (GB)", en="Free memory (GB)"),
    "quantity.temperature": Sentence(
        vi="Nhiệt độ máy tính (°C)", en="Temperature of the computer (°C)"
    ),
    "quantity.up": Sentence(
        vi="Máy tính chạy liên tục (ngày)", en="The computer has run without a break for (days)"
    ),
}

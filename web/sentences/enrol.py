"""`avcontrol enrol`, for the technician who runs it in the house."""

from web.sentences import Sentence

SENTENCES = {
    "enrol.address": Sentence(
        vi="“{found}” không phải địa chỉ của máy chủ phường. Địa chỉ bắt đầu bằng https:// và "
        "không có gì sau tên máy, ví dụ https://hop.phuong.example",
        en="“{found}” is no address of a ward's server. It begins with https:// and has nothing "
        "behind the host, for example https://hop.phuong.example",
    ),
    "enrol.not_secure": Sentence(
        vi="Địa chỉ http://{host} không bảo mật, khóa của nhà văn hóa sẽ bị lộ trên đường đi. Hãy "
        "dùng địa chỉ https:// của phường.",
        en="http://{host} is not secure; the house's key could be read on its way. Use the ward's "
        "https:// address.",
    ),
    "enrol.no_answer": Sentence(
        vi="Máy chủ phường {host} không trả lời. Kiểm tra đường mạng và địa chỉ, rồi chạy lại "
        "lệnh này; mã vẫn còn dùng được.",
        en="The ward's server {host} does not answer. Check the internet line and the address, "
        "then run this command again; the code is still good.",
    ),
    "enrol.slow_down": Sentence(
        vi="Đã thử quá nhiều mã sai. Xin chờ 10 phút rồi chạy lại lệnh này.",
        en="Too many wrong codes were tried. Wait 10 minutes, then run this command again.",
    ),
    "enrol.not_a_hub": Sentence(
        vi="{host} có trả lời nhưng không phải máy chủ phường. Kiểm tra lại địa chỉ; nếu mạng phải "
        "đăng nhập thì đăng nhập trước.",
        en="{host} answers, but it is not a ward's server. Check the address; on a network that "
        "asks for a log-in, log in first.",
    ),
    "enrol.cannot_write": Sentence(
        vi="Không ghi được khóa vào {file} ({detail}). Hãy chạy lệnh này bằng người dùng của dịch "
        "vụ: sudo -u avcontrol avcontrol enrol …",
        en="The key cannot be written to {file} ({detail}). Run this command as the service's "
        "user: sudo -u avcontrol avcontrol enrol …",
    ),
}

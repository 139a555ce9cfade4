"""What the technician is told of the media server that the meeting is published to."""

from web.sentences import Sentence

SENTENCES = {
    "publish.refused": Sentence(
        vi="Máy chủ phát {host} không nhận mã truy cập. Nhờ người quản lý máy chủ cấp mã mới và "
        "ghi vào tệp mã ở mục [publish].",
        en="The media server {host} refuses the token. Ask whoever runs it for a new one and write "
        "it into the token file of [publish].",
    ),
    "publish.not_found": Sentence(
        vi="Máy chủ phát {host} không có địa chỉ đã ghi ở mục [publish]. Xem lại địa chỉ WHIP.",
        en="The media server {host} does not have the address that [publish] names. Check the WHIP "
        "address.",
    ),
    "publish.rejected": Sentence(
        vi="Máy chủ phát {host} từ chối hình và tiếng (mã {status}). Nhờ người quản lý máy chủ xem "
        "có cho phép H.264 và Opus không, và có ai đang phát vào đó không.",
        en="The media server {host} rejects picture and sound (status {status}). Ask whoever runs "
        "it whether H.264 and Opus are allowed, and whether somebody else is publishing there.",
    ),
    "publish.no_answer": Sentence(
        vi="Máy chủ phát {host} không trả lời. Kiểm tra mạng và địa chỉ ở mục [publish]; máy tự "
        "thử lại.",
        en="The media server {host} does not answer. Check the network and the address in "
        "[publish]; it is being tried again by itself.",
    ),
    "publish.certificate": Sentence(
        vi="Không tin được chứng chỉ của máy chủ phát {host}. Nhờ người quản lý máy chủ gia hạn "
        "chứng chỉ.",
        en="The certificate of the media server {host} cannot be trusted. Ask whoever runs it to "
        "renew it.",
    ),
    "publish.bad_answer": Sentence(
        vi="Máy chủ phát {host} trả lời sai. Nhờ người quản lý máy chủ xem đó có phải địa chỉ WHIP "
        "không.",
        en="The media server {host} gives an answer that makes no sense. Ask whoever runs it "
        "whether that is the WHIP address.",
    ),
    "publish.no_path": Sentence(
        vi="Máy chủ phát {host} nhận lời nhưng hình và tiếng không tới được. Nhờ người quản lý "
        "mạng mở UDP tới {host}.",
        en="The media server {host} agrees, but picture and sound do not get there. Ask whoever "
        "runs the network to let UDP out to {host}.",
    ),
    "publish.lost": Sentence(
        vi="Mất đường truyền tới máy chủ phát {host}. Máy tự kết nối lại.",
        en="The line to the media server {host} was lost. It is being connected again by itself.",
    ),
    "publish.no_token": Sentence(
        vi="Không đọc được tệp mã truy cập của máy chủ phát {host}. Xem lại mục [publish].",
        en="The token file for the media server {host} cannot be read. Check [publish].",
    ),
    "publish.failed": Sentence(
        vi="Phát lên máy chủ {host} gặp lỗi lạ. Tải gói chẩn đoán và gửi cho người hỗ trợ.",
        en="Publishing to {host} failed in an unknown way. Download the diagnostic bundle and send "
        "it to whoever helps.",
    ),
}

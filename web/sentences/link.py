"""What is said of the link between a house and its ward.

Those that a browser gets as the words of a closing (`link.house_…`) fit into 123 bytes.
"""

from web.sentences import Sentence

SENTENCES = {
    # The house's technician reads these.
    "link.no_name": Sentence(
        vi="Không tìm thấy địa chỉ {host} của phường. Kiểm tra đường mạng của nhà văn hóa, "
        "rồi kiểm tra địa chỉ trong tệp cài đặt.",
        en="The ward's address {host} was not found. Check the house's internet line, then the "
        "address in the settings file.",
    ),
    "link.no_answer": Sentence(
        vi="Máy chủ phường {host} không trả lời. Kiểm tra đường mạng internet của nhà văn hóa; "
        "nếu mạng vẫn tốt thì báo cho phường. Máy đang tự nối lại.",
        en="The ward's server {host} does not answer. Check the house's internet line; if it is "
        "fine, tell the ward. It is being tried again by itself.",
    ),
    "link.hub_down": Sentence(
        vi="Máy chủ phường {host} đang tạm ngừng. Báo cho phường nếu kéo dài quá 10 phút. "
        "Máy đang tự nối lại.",
        en="The ward's server {host} is down for the moment. Tell the ward if it takes more than "
        "10 minutes. It is being tried again by itself.",
    ),
    "link.not_a_hub": Sentence(
        vi="Địa chỉ {host} có trả lời nhưng không phải máy chủ phường. Kiểm tra địa chỉ trong tệp "
        "cài đặt; nếu dùng Wi-Fi phải đăng nhập thì đăng nhập trước.",
        en="{host} answers, but it is not the ward's server. Check the address in the settings "
        "file; on a Wi-Fi that asks for a log-in, log in first.",
    ),
    "link.certificate": Sentence(
        vi="Chứng chỉ của máy chủ phường {host} không hợp lệ, nên không nối. Kiểm tra ngày giờ của "
        "máy này; nếu đúng giờ thì báo cho phường.",
        en="The certificate of the ward's server {host} is not valid, so it was not connected. "
        "Check this machine's date and time; if they are right, tell the ward.",
    ),
    "link.certificate_early": Sentence(
        vi="Theo đồng hồ của máy này, chứng chỉ của máy chủ phường {host} chưa đến ngày dùng, nên "
        "không nối. Chỉnh lại ngày giờ của máy, bật đồng bộ giờ mạng.",
        en="By this machine's clock, the certificate of the ward's server {host} is not valid yet, "
        "so it was not connected. Set this machine's date and switch network time on.",
    ),
    "link.wrong_key": Sentence(
        vi="Phường không nhận khóa của nhà văn hóa này. Xin phường cấp mã mới rồi đăng ký lại.",
        en="The ward does not accept this house's key. Ask the ward for a new code and enrol "
        "again.",
    ),
    "link.house_outdated": Sentence(
        vi="Phần mềm của nhà văn hóa đã cũ (kết nối kiểu {house}, phường dùng kiểu {hub}). "
        "Cập nhật phần mềm trên máy này.",
        en="The house's software is too old (link version {house}, the ward's is {hub}). Update "
        "the software on this machine.",
    ),
    "link.hub_outdated": Sentence(
        vi="Phần mềm của phường đã cũ (kết nối kiểu {hub}, nhà văn hóa dùng kiểu {house}). "
        "Báo cho phường cập nhật máy chủ.",
        en="The ward's software is too old (link version {hub}, the house's is {house}). Ask the "
        "ward to update its server.",
    ),
    "link.replaced": Sentence(
        vi="Một máy khác đang nối tới phường bằng khóa của nhà văn hóa này. Tắt máy kia, hoặc xin "
        "phường cấp mã mới cho một trong hai máy.",
        en="Another machine is linked to the ward with this house's key. Switch it off, or ask the "
        "ward for a new code for one of the two.",
    ),
    "link.silent": Sentence(
        vi="Đường nối tới phường im lặng quá 3 giây, coi như đã đứt. Kiểm tra đường mạng internet; "
        "máy đang tự nối lại.",
        en="Nothing was heard from the ward for 3 seconds, so the link counts as lost. Check the "
        "internet line; it is being connected again by itself.",
    ),
    "link.closed": Sentence(
        vi="Đường nối tới phường vừa bị ngắt. Máy đang tự nối lại; nếu quá 10 phút chưa được thì "
        "báo cho phường.",
        en="The link to the ward was closed. It is being connected again by itself; tell the ward "
        "if that takes more than 10 minutes.",
    ),
    "link.protocol": Sentence(
        vi="Nhà văn hóa và phường không hiểu nhau ({detail}). Cập nhật phần mềm ở cả hai bên; "
        "nếu vẫn vậy thì gửi dòng này cho người bảo trì.",
        en="House and ward do not understand each other ({detail}). Update the software at both "
        "ends; if it stays, send this line to whoever maintains it.",
    ),
    "link.failed": Sentence(
        vi="Đường nối tới phường gặp lỗi phần mềm. Máy đang tự nối lại; gửi nhật ký cho người "
        "bảo trì.",
        en="The link to the ward failed by a mistake in the software. It is being connected again "
        "by itself; send the log to whoever maintains it.",
    ),
    # Whoever opened a house's page at the ward reads these.
    "link.house_away": Sentence(
        vi="Nhà văn hóa đang mất mạng. Xin chờ, trang sẽ tự nối lại.",
        en="The community house is offline. Please wait; the page comes back by itself.",
    ),
    "link.house_busy": Sentence(
        vi="Nhà văn hóa đang quá nhiều người vào. Xin thử lại sau một phút.",
        en="Too many people are visiting this house. Please try again in a minute.",
    ),
    "link.house_slow": Sentence(
        vi="Nhà văn hóa trả lời quá chậm. Xin thử lại sau một phút.",
        en="The community house answers too slowly. Please try again in a minute.",
    ),
    "link.house_failed": Sentence(
        vi="Nhà văn hóa không mở được trang này. Xin thử lại sau một phút.",
        en="The community house could not open this page. Please try again in a minute.",
    ),
}

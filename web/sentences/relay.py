"""What the house's technician is told of the ward's relay for picture and sound."""

from web.sentences import Sentence

SENTENCES = {
    "relay.trying": Sentence(
        vi="Đang thử máy chuyển tiếp của phường. Xin chờ vài giây.",
        en="The ward's relay is being tried. Please wait some seconds.",
    ),
    "relay.run_out": Sentence(
        vi="Chưa thử được máy chuyển tiếp: mật khẩu tạm đã hết hạn và phường chưa cấp mới. Kiểm "
        "tra kết nối tới phường; nối lại được thì mật khẩu mới tự đến.",
        en="The relay could not be tried: the temporary password has run out, and the ward has "
        "sent no new one. Check the link to the ward; once it is back, a new one comes by itself.",
    ),
    "relay.works": Sentence(
        vi="Máy chuyển tiếp {host} dùng tốt. Cán bộ ở mạng nào cũng vào họp được.",
        en="The relay {host} works well. Officials can join from any network.",
    ),
    "relay.only_tcp": Sentence(
        vi="Máy chuyển tiếp {host} chỉ dùng được qua {way}: mạng của nhà văn hóa chặn UDP. Vẫn "
        "họp được, nhưng hình và tiếng có thể trễ hơn. Nhờ nhà mạng mở UDP tới {host}.",
        en="The relay {host} works over {way} alone: the house's network stops UDP. Meetings "
        "work, but picture and sound may come later. Ask the provider to let UDP out to {host}.",
    ),
    "relay.silent": Sentence(
        vi="Máy chuyển tiếp {host} không trả lời, nên cán bộ ở mạng khác có thể không thấy hình. "
        "Nhờ người quản lý mạng mở đường ra {host}, cả UDP và TCP; nếu mạng ở đây không chặn gì "
        "thì báo cho phường. Máy tự thử lại.",
        en="The relay {host} does not answer, so officials on other networks may get no picture. "
        "Ask whoever runs the network to let UDP and TCP out to {host}; if nothing is stopped "
        "here, tell the ward. It is being tried again by itself.",
    ),
    "relay.refused": Sentence(
        vi="Máy chuyển tiếp {host} không nhận mật khẩu tạm do phường cấp. Báo cho phường: chuỗi "
        "bí mật ở máy chủ phường và ở coturn phải giống nhau, và giờ của hai máy đó phải đúng.",
        en="The relay {host} refuses the temporary password that the ward made. Tell the ward: "
        "the secret at the hub and at coturn must be the same, and both machines' clocks right.",
    ),
    "relay.clock": Sentence(
        vi="Máy chuyển tiếp không nhận mật khẩu tạm do phường cấp, và giờ của phường lệch với giờ "
        "máy này {minutes} phút. Kiểm tra giờ của máy này; nếu đúng thì báo cho phường chỉnh giờ "
        "máy chủ.",
        en="The relay refuses the temporary password that the ward made, and the ward's clock and "
        "this machine's are {minutes} minutes apart. Check this machine's clock; if it is right, "
        "ask the ward to set its server's.",
    ),
    "relay.full": Sentence(
        vi="Máy chuyển tiếp {host} đã hết chỗ. Báo cho phường tăng user-quota và total-quota.",
        en="The relay {host} is full. Ask the ward to raise user-quota and total-quota.",
    ),
    "relay.passes_nothing": Sentence(
        vi="Máy chuyển tiếp {host} cho vào nhưng không chuyển gì. Báo cho phường kiểm tra "
        "external-ip và allowed-peer-ip trong cấu hình coturn.",
        en="The relay {host} lets everybody in and passes nothing on. Ask the ward to check "
        "external-ip and allowed-peer-ip in coturn's configuration.",
    ),
    "relay.certificate": Sentence(
        vi="Chứng chỉ của máy chuyển tiếp {host} không hợp lệ. Kiểm tra ngày giờ của máy này; nếu "
        "đúng giờ thì báo cho phường.",
        en="The certificate of the relay {host} is not valid. Check this machine's date and time; "
        "if they are right, tell the ward.",
    ),
    "relay.no_name": Sentence(
        vi="Không tìm thấy địa chỉ {host} của máy chuyển tiếp. Kiểm tra đường mạng của nhà văn "
        "hóa; nếu mạng vẫn tốt thì báo cho phường.",
        en="The relay's address {host} was not found. Check the house's internet line; if it is "
        "fine, tell the ward.",
    ),
    "relay.no_address": Sentence(
        vi="Phường có máy chuyển tiếp nhưng chưa cho địa chỉ nào mà nhà văn hóa dùng được. Báo "
        "cho phường ghi thêm một địa chỉ turn: có tên máy trong ward.toml.",
        en="The ward has a relay, but no address that the house can use. Ask the ward to add a "
        "turn: address with a host's name to ward.toml.",
    ),
}

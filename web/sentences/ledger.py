"""What a ledger that was checked says, and what is wrong with one."""

from web.sentences import Sentence

SENTENCES = {
    "ledger.right": Sentence(
        vi="Sổ nguyên vẹn. Sổ của: {name}. Mục 0 đến {last}, đầu sổ ký lúc {at}.",
        en="The ledger is intact. Kept by: {name}. Entries 0 to {last}, head signed at {at}.",
    ),
    "ledger.sums": Sentence(
        vi="Đã nhận {received} = đã trả lời {answered} + từ chối {refused}"
        " + đã chuyển đi {handed_over} + đã xóa theo yêu cầu {erased} + đang mở {open}.",
        en="Received {received} = answered {answered} + refused {refused}"
        " + handed over {handed_over} + erased on request {erased} + open {open}.",
    ),
    "ledger.punctual": Sentence(
        vi="Đúng hạn: {in_time} trên {closed} việc đã xong mà có hạn trả lời.",
        en="In time: {in_time} of {closed} that are closed and had a deadline.",
    ),
    "ledger.key": Sentence(
        vi="Khóa của người giữ sổ: {key}. Sổ số: {origin}.",
        en="The keeper's key: {key}. The ledger: {origin}.",
    ),
    "ledger.heads_agree": Sentence(
        vi="{count} đầu sổ được giữ ở nơi khác khớp với sổ này.",
        en="{count} heads that were kept elsewhere agree with this ledger.",
    ),
    "ledger.receipt_found": Sentence(
        vi="Dấu trên phiếu là mục số {entry} của sổ này.",
        en="The mark on the receipt is entry {entry} of this ledger.",
    ),
    "ledger.receipt_proved": Sentence(
        vi="Nội dung trong tệp của phiếu đúng là nội dung mà mục số {entry} của sổ này đã ghi.",
        en="What the receipt's file shows is what entry {entry} of this ledger commits to.",
    ),
    "ledger.unreadable": Sentence(
        vi="Sai ở mục số {entry}: dòng này không phải là một mục của sổ, đã bị sửa.",
        en="Wrong at entry {entry}: this line is no entry of a ledger; it was altered.",
    ),
    "ledger.altered": Sentence(
        vi="Sai ở mục số {entry}: nội dung không khớp với mã băm của chính nó, đã bị sửa.",
        en="Wrong at entry {entry}: it does not match its own hash; it was altered.",
    ),
    "ledger.hashed_again": Sentence(
        vi="Sai ở mục số {entry}: đã bị sửa và tính lại mã băm; mục số {next} còn giữ mã băm cũ.",
        en="Wrong at entry {entry}: it was altered and hashed again; entry {next} still holds"
        " the hash that it had.",
    ),
    "ledger.missing": Sentence(
        vi="Thiếu mục số {entry}: đã bị lấy ra khỏi sổ.",
        en="Entry {entry} is missing: it was taken out.",
    ),
    "ledger.moved": Sentence(
        vi="Mục số {entry} không ở đúng chỗ: các mục đã bị đổi thứ tự.",
        en="Entry {entry} is not in its place: the entries were put in another order.",
    ),
    "ledger.twice": Sentence(
        vi="Mục số {entry} có hai lần: lần thứ hai ở dòng {line}.",
        en="Entry {entry} is there twice: the second time in line {line}.",
    ),
    "ledger.cut": Sentence(
        vi="Tệp bị cắt cụt: mục trọn vẹn cuối cùng là mục số {entry}, sau đó không có đầu sổ"
        " đã ký. Xin tải lại sổ.",
        en="The file is cut: the last whole entry is {entry}, and no signed head follows."
        " Download the ledger again.",
    ),
    "ledger.empty": Sentence(
        vi="Tệp không có mục nào trọn vẹn. Xin tải lại sổ.",
        en="The file holds not one whole entry. Download the ledger again.",
    ),
    "ledger.newer": Sentence(
        vi="Sổ này viết theo dạng “{format}” mà chương trình chưa biết. Xin cài bản mới hơn.",
        en="This ledger is of the format “{format}”, which this program does not know."
        " Install a newer version.",
    ),
    "ledger.unlawful_begun_twice": Sentence(
        vi="Sai ở mục số {entry}: sổ mở đầu hai lần.",
        en="Wrong at entry {entry}: the ledger begins twice.",
    ),
    "ledger.unlawful_no_beginning": Sentence(
        vi="Sai ở mục số {entry}: một hồ sơ không thể bắt đầu như vậy.",
        en="Wrong at entry {entry}: no case begins like this.",
    ),
    "ledger.unlawful_unknown_state": Sentence(
        vi="Sai ở mục số {entry}: trạng thái của hồ sơ không có trong quy định của sổ.",
        en="Wrong at entry {entry}: the state of the case is none that a ledger knows.",
    ),
    "ledger.unlawful_unknown_kind": Sentence(
        vi="Sai ở mục số {entry}: loại mục không có trong quy định của sổ.",
        en="Wrong at entry {entry}: its kind is none that a ledger knows.",
    ),
    "ledger.unlawful_unknown_case": Sentence(
        vi="Sai ở mục số {entry}: nói về một hồ sơ mà sổ chưa từng nhận.",
        en="Wrong at entry {entry}: it tells of a case that was never received.",
    ),
    "ledger.unlawful_after_erasure": Sentence(
        vi="Sai ở mục số {entry}: nói về một hồ sơ đã được xóa.",
        en="Wrong at entry {entry}: it tells of a case that was erased.",
    ),
    "ledger.head_altered": Sentence(
        vi="Đầu sổ (dòng cuối) sai: chữ ký không khớp, dòng này đã bị sửa.",
        en="The head (the last line) is wrong: its signature does not match; it was altered.",
    ),
    "ledger.sums_altered": Sentence(
        vi="Đầu sổ (dòng cuối) sai: các con số tổng đã bị sửa, chữ ký không khớp.",
        en="The head (the last line) is wrong: its sums were altered, the signature does not"
        " match.",
    ),
    "ledger.sums_wrong": Sentence(
        vi="Các con số tổng trong đầu sổ không bằng tổng của các mục, dù chữ ký đúng:"
        " người giữ sổ đã ký số sai.",
        en="The sums in the head are not those of the entries, though the signature is right:"
        " the keeper has signed wrong figures.",
    ),
    "ledger.after_head": Sentence(
        vi="Sau đầu sổ đã ký cho mục số {entry} còn dòng {line}: có dòng đã bị thêm vào.",
        en="Line {line} goes on after the head, which is signed for entry {entry}: something was"
        " added.",
    ),
    "ledger.other_head": Sentence(
        vi="Sai ở mục số {entry} hoặc trước đó: đầu sổ đã ký cho một mã băm khác;"
        " sổ đã bị viết lại.",
        en="Wrong at entry {entry} or before: the head is signed for another hash; the ledger was"
        " written anew.",
    ),
    "ledger.other_origin": Sentence(
        vi="Đầu sổ giữ ở nơi khác (ký lúc {at}, mục số {entry}) thuộc về một sổ khác: sổ này đã"
        " bị thay, hoặc hai tệp không thuộc về nhau.",
        en="A head that was kept elsewhere (signed at {at}, entry {entry}) is of another ledger:"
        " this one was put in its place, or the two files do not belong together.",
    ),
    "ledger.other_key": Sentence(
        vi="Đầu sổ giữ ở nơi khác (ký lúc {at}, mục số {entry}) được ký bằng khóa khác với khóa"
        " của sổ này.",
        en="A head that was kept elsewhere (signed at {at}, entry {entry}) is signed with another"
        " key than this ledger's.",
    ),
    "ledger.key_differs": Sentence(
        vi="Sổ này được ký bằng một khóa khác: {key}.",
        en="This ledger is signed with another key: {key}.",
    ),
    "ledger.shortened": Sentence(
        vi="Sổ đã bị cắt: lúc {at} người giữ sổ đã ký đến mục số {entry}, nay sổ chỉ còn đến mục"
        " số {last}.",
        en="The ledger was cut: at {at} its keeper signed up to entry {entry}, and now it ends with"
        " entry {last}.",
    ),
    "ledger.rewritten": Sentence(
        vi="Sổ đã bị viết lại: có mục trong khoảng {first} đến {entry} khác với sổ mà người giữ"
        " sổ đã ký lúc {at}.",
        en="The ledger was written anew: one of the entries {first} to {entry} is not what its"
        " keeper signed at {at}.",
    ),
    "ledger.no_heads": Sentence(
        vi="Tệp đầu sổ không có đầu sổ nào.",
        en="The file of heads holds no head.",
    ),
    "ledger.heads_unreadable": Sentence(
        vi="Dòng {line} của tệp đầu sổ không đọc được. Xin tải lại tệp đó.",
        en="Line {line} of the file of heads cannot be read. Download that file again.",
    ),
    "ledger.heads_altered": Sentence(
        vi="Dòng {line} của tệp đầu sổ sai: chữ ký không khớp, dòng này đã bị sửa.",
        en="Line {line} of the file of heads is wrong: its signature does not match.",
    ),
    "ledger.no_hash": Sentence(
        vi="Cần dấu trong sổ (chữ số và chữ a đến f) in trên phiếu tiếp nhận, không phải mã tiếp"
        " nhận: mã tiếp nhận không có trong sổ, để không ai tìm ra bà con qua sổ.",
        en="This takes the mark in the ledger (digits and letters a to f) on the receipt, not the"
        " receipt's code: that is not in the ledger, so that nobody finds you by it.",
    ),
    "ledger.too_short": Sentence(
        vi="Dấu quá ngắn: cần ít nhất {least} chữ số.",
        en="The mark is too short: at least {least} digits are needed.",
    ),
    "ledger.not_in_it": Sentence(
        vi="Dấu trên phiếu không có trong sổ này.",
        en="The mark on the receipt is not in this ledger.",
    ),
    "ledger.proof_unreadable": Sentence(
        vi="Tệp của phiếu không đọc được, hoặc hồ sơ đã được xóa nên không còn gì để chứng minh.",
        en="The receipt's file cannot be read, or the case was erased and nothing is left to show.",
    ),
    "ledger.proof_wrong": Sentence(
        vi="Nội dung trong tệp của phiếu không phải là nội dung mà mục số {entry} đã ghi.",
        en="What the receipt's file shows is not what entry {entry} commits to.",
    ),
    "ledger.does_not_fit": Sentence(
        vi="Các chữ ký mà nhà văn hóa đã giao không nối tiếp nhau: sổ đã bị cắt, viết lại hoặc thay"
        " bằng sổ khác. Tải các chữ ký về để xem.",
        en="The signatures that the house has handed over do not go on from each other: its ledger"
        " was cut, written anew or replaced. Download the signatures to see.",
    ),
    "ledger.damaged": Sentence(
        vi="Sổ trong máy bị hỏng ở mục số {entry}. Xin báo cho kỹ thuật viên; sổ không được ký"
        " cho đến khi khôi phục từ bản sao lưu.",
        en="The ledger on this machine is damaged at entry {entry}. Call the technician; it is not"
        " signed until it is restored from a backup.",
    ),
}

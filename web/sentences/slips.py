"""Paper slips."""

from web.sentences import Sentence

SENTENCES = {
    "slip.unknown": Sentence(
        vi="Không có phiếu nào mang mã này. Xin xem lại từng chữ trên phiếu; nếu phiếu không do "
        "máy này in thì dùng mục “Ghi hộ câu hỏi”.",
        en="No slip has this code. Look at each letter on the slip again; if this machine did not "
        "print it, record the question on behalf of whoever wrote it instead.",
    ),
    "slip.entered": Sentence(
        vi="Phiếu số {number} đã được nhập rồi, với nội dung khác. Xin xem lại mã; nếu người viết "
        "hỏi thêm thì dùng mục “Ghi hộ câu hỏi”.",
        en="Slip {number} has been entered already, with another text. Look at the code again; if "
        "somebody asks for more, record it as a question of its own.",
    ),
    "slip.pages": Sentence(
        vi="Mỗi lần in từ 1 đến {most} tờ. Xin nhập lại số tờ.",
        en="Print 1 to {most} pages at a time. Enter the number of pages again.",
    ),
    "slip.no_sheet": Sentence(
        vi="Không có tờ phiếu này. Xin mở lại trang “Phiếu giấy” và chọn tờ cần in.",
        en="There is no such sheet. Open the page “Paper slips” again and choose one.",
    ),
    "slip.done": Sentence(
        vi="Đã nhập phiếu số {slip} thành câu số {number}, mã {code}. Nhập phiếu tiếp theo bên "
        "dưới.",
        en="Slip {slip} is entered as question {number}, receipt {code}. Enter the next one below.",
    ),
    "receipt.not_entered": Sentence(
        vi="Mã đúng, nhưng phiếu giấy số {number} chưa được nhập vào máy. Xin xem lại sau; nếu quá "
        "lâu, hỏi tổ trưởng hoặc thư ký.",
        en="The code is right, but slip {number} has not been entered yet. Look again later; if it "
        "takes too long, ask the block leader or the secretary.",
    ),
}

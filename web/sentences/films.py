"""Recordings of meetings."""

from web.sentences import Sentence

SENTENCES = {
    "film.not_here": Sentence(
        vi="Máy này không ghi hình, ghi âm. Muốn ghi, nhờ kỹ thuật viên bật trong phần cài đặt.",
        en="This machine records no meetings. Ask the technician to allow it in the settings.",
    ),
    "film.disk_full": Sentence(
        vi="Ổ đĩa gần đầy nên không ghi hình được. Xóa bớt bản ghi cũ (Biên bản → Các bản ghi) rồi"
        " bấm ghi lại; cuộc họp vẫn tiếp tục bình thường.",
        en="The disk is nearly full, so nothing is recorded. Delete old recordings (Minutes →"
        " Recordings), then press record again; the meeting goes on as usual.",
    ),
    "film.not_written": Sentence(
        vi="Chưa ghi được hình và tiếng ({reason}). Máy đang tự thử lại; cuộc họp vẫn tiếp tục bình"
        " thường.",
        en="The meeting cannot be recorded ({reason}). It is tried again; the meeting goes on as"
        " usual.",
    ),
    "film.unknown": Sentence(
        vi="Không có bản ghi này; có thể nó đã được xóa. Xem danh sách các bản ghi.",
        en="There is no such recording; it may have been deleted. Look at the list of recordings.",
    ),
    "film.running": Sentence(
        vi="Bản này đang ghi nên chưa xóa được. Bấm Thôi ghi trước.",
        en="This one is being recorded and cannot be deleted. End the recording first.",
    ),
}

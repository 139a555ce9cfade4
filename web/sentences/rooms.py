"""What a meeting refuses, and what the leader must know during one."""

from web.sentences import Sentence

SENTENCES = {
    # Who and when
    "room.starting": Sentence(
        vi="Máy của nhà văn hóa đang khởi động. Xin chờ vài giây rồi bấm lại.",
        en="The machine of the house is starting. Wait a few seconds and press again.",
    ),
    "room.not_your_part": Sentence(
        vi="Máy này không được phép làm việc đó. Xin nhờ tổ trưởng làm trên máy của tổ trưởng.",
        en="This device may not do that. Ask the block leader to do it on his own device.",
    ),
    "room.only_the_hall_admits": Sentence(
        vi="Người này chỉ tổ trưởng ở nhà văn hóa cho vào được. Xin gọi điện cho nhà văn hóa.",
        en="Only the block leader, in the hall, can let this person in. Please call the house.",
    ),
    "room.not_while_idle": Sentence(
        vi="Chưa có cuộc họp nào đang mở. Xin bấm “Bắt đầu họp” trước.",
        en="No meeting is open. Press “Start meeting” first.",
    ),
    "room.not_while_opening": Sentence(
        vi="Cuộc họp đang được mở. Xin chờ vài giây rồi bấm lại.",
        en="The meeting is being opened. Wait a few seconds and press again.",
    ),
    "room.not_while_live": Sentence(
        vi="Cuộc họp đang diễn ra nên không làm được việc này. Nếu muốn bắt đầu họp thì cuộc họp "
        "đã mở rồi, không cần bấm nữa.",
        en="This cannot be done while the meeting is under way. If you wanted to start it: it has "
        "started, there is nothing more to press.",
    ),
    "room.not_while_closing": Sentence(
        vi="Cuộc họp đang kết thúc. Xin chờ vài giây, hoặc bấm “Hoàn tác” nếu chưa muốn kết thúc.",
        en="The meeting is ending. Wait a few seconds, or press “Undo” to go on.",
    ),
    "room.title_too_long": Sentence(
        vi="Tên cuộc họp dài quá {most} chữ cái. Xin viết ngắn lại.",
        en="The meeting's title is longer than {most} characters. Please shorten it.",
    ),
    # The hall
    "room.no_sound": Sentence(
        vi="Nhà văn hóa này chưa được cài micro và loa. Xin báo cán bộ kỹ thuật thêm mục [sound] "
        "trong tệp cấu hình.",
        en="No microphone and loudspeaker are set up in this house. Ask the technician to add "
        "[sound] to the settings file.",
    ),
    "room.volume": Sentence(
        vi="Âm lượng phải từ 0 đến 100. Xin chọn lại.",
        en="The volume goes from 0 to 100. Please choose again.",
    ),
    "room.no_projector": Sentence(
        vi="Nhà văn hóa này không có máy chiếu bật tắt được từ đây. Xin bật bằng điều khiển "
        "của máy.",
        en="This house has no projector that can be switched from here. Use its remote control.",
    ),
    "room.cannot_cover": Sentence(
        vi="{name} không che hay giữ hình từ đây được. Xin dùng điều khiển của máy.",
        en="The picture of {name} cannot be hidden or kept from here. Use its remote control.",
    ),
    "room.projector_slow": Sentence(
        vi="{name} chưa trả lời. Nhìn lên màn xem đã đổi chưa; chưa thì bấm lại.",
        en="{name} has not answered. Look whether the screen has changed; if not, tap again.",
    ),
    "room.projector_warming": Sentence(
        vi="{name} đang khởi động, khoảng một phút nữa mới lên hình. Cứ họp bình thường.",
        en="{name} is warming up and shows a picture in about a minute. Just go on.",
    ),
    "room.projector_cooling": Sentence(
        vi="{name} đang làm mát. Xin chưa rút điện; chờ đến khi có chữ báo tắt được.",
        en="{name} is cooling down. Do not unplug it yet; wait until it says that you may.",
    ),
    "room.preset_unknown": Sentence(
        vi="Không camera nào có vị trí tên “{preset}”. Xin chỉnh camera bằng tay; báo cán bộ kỹ "
        "thuật sửa tên vị trí trong tệp cấu hình.",
        en="No camera has a preset named “{preset}”. Aim the camera by hand; ask the technician to "
        "correct the name in the settings file.",
    ),
    "room.device_failed": Sentence(
        vi="{name} không hoạt động. Kiểm tra dây cắm và nguồn điện của thiết bị.",
        en="{name} does not work. Check its cables and its power.",
    ),
    "room.device_impaired": Sentence(
        vi="{name} hoạt động chưa tốt. Kiểm tra dây cắm; nếu vẫn vậy, xin báo cán bộ kỹ thuật.",
        en="{name} does not work well. Check its cables; if that does not help, tell the "
        "technician.",
    ),
    "room.ends_alone": Sentence(
        vi="Đã lâu không nghe ai nói trong hội trường. Cuộc họp sẽ tự kết thúc sau {minutes} phút; "
        "bấm “Vẫn đang họp” nếu còn họp.",
        en="Nobody has been heard in the hall for a long time. The meeting ends by itself in "
        "{minutes} minutes; press “Still meeting” if you are.",
    ),
    "camera.unknown": Sentence(
        vi="Không còn camera này. Xin tải lại trang rồi chọn camera khác.",
        en="This camera is gone. Reload the page and choose another one.",
    ),
    "camera.not_steerable": Sentence(
        vi="{name} không quay được từ xa. Xin chỉnh camera bằng tay.",
        en="{name} cannot be turned from here. Aim it by hand.",
    ),
    "camera.too_slow": Sentence(
        vi="{name} không trả lời lệnh quay. Xin thử lại; nếu vẫn vậy, kiểm tra dây mạng của "
        "camera.",
        en="{name} does not answer when told to move. Try again; if it still fails, check its "
        "network cable.",
    ),
    # Guests
    "room.full": Sentence(
        vi="Cuộc họp đã đủ {most} người tham dự từ xa. Xin nhờ tổ trưởng cho bớt người ra, rồi thử "
        "lại.",
        en="There are {most} remote guests already. Ask the block leader to let somebody go, then "
        "try again.",
    ),
    "room.name_missing": Sentence(
        vi="Chưa có tên. Xin nhập họ tên rồi bấm vào họp.",
        en="Your name is missing. Type it, then join.",
    ),
    "room.name_too_long": Sentence(
        vi="Tên dài quá {most} chữ cái. Xin viết ngắn lại.",
        en="The name is longer than {most} characters. Please shorten it.",
    ),
    "room.guest_removed": Sentence(
        vi="Tổ trưởng đã đưa người này ra khỏi cuộc họp. Muốn vào lại, xin mở lại đường dẫn mời và "
        "chờ tổ trưởng đồng ý.",
        en="The block leader has removed this guest. To come back, open the invitation again and "
        "wait until the leader agrees.",
    ),
    "room.resume_used": Sentence(
        vi="Trang này là bản cũ: chỗ của mình trong cuộc họp đang mở ở một trang khác. "
        "Hãy dùng trang kia, hoặc bấm Vào họp để vào lại từ đầu.",
        en="This page is an old copy: your place in the meeting is open on another page. "
        "Use that one, or press Join to come in anew.",
    ),
    "room.guest_unknown": Sentence(
        vi="Người này không còn trong cuộc họp. Muốn vào lại, xin mở lại đường dẫn mời.",
        en="This guest is no longer in the meeting. To come back, open the invitation again.",
    ),
    "room.viewer_only_watches": Sentence(
        vi="Đường dẫn này chỉ để xem và nghe. Muốn phát biểu, bấm Giơ tay, hoặc xin tổ trưởng gửi "
        "đường dẫn được phát biểu.",
        en="This link is for watching only. To speak, raise your hand, or ask the block leader for "
        "a link with which one may speak.",
    ),
    "floor.not_connected": Sentence(
        vi="{name} chưa kết nối nên chưa phát biểu được. Xin chờ người ấy kết nối lại.",
        en="{name} is not connected and cannot have the floor. Wait until the line is back.",
    ),
    "floor.no_word": Sentence(
        vi="{name} đang không được phát biểu. Bấm “Cho phát biểu” trước rồi bấm lại.",
        en="{name} does not have the word. Press “Give the word” first, then press again.",
    ),
    "floor.no_camera": Sentence(
        vi="{name} đang tắt camera. Xin nhờ người ấy bật camera rồi bấm lại.",
        en="{name} has the camera switched off. Ask for it to be switched on, then press again.",
    ),
    "floor.no_screen": Sentence(
        vi="{name} không còn chia sẻ màn hình. Xin nhờ người ấy chia sẻ lại.",
        en="{name} no longer shares a screen. Ask for it to be shared again.",
    ),
    # Invitations
    "invitation.role": Sentence(
        vi="Chỉ mời được cán bộ, bà con ở nhà hoặc người xem. Xin chọn lại.",
        en="Only officials, residents at home and viewers can be invited. Choose one of them.",
    ),
    "invitation.somebody_elses": Sentence(
        vi="Đường dẫn này dành cho một người và đã được dùng ở máy hoặc trình duyệt khác. Nếu là "
        "của mình, xin mở lại đúng ở đó, hoặc gọi tổ trưởng bấm “Cho dùng ở máy khác”. Nếu không, "
        "xin tổ trưởng gửi một đường dẫn riêng.",
        en="This link is for one person and was used on another device or in another browser. If "
        "it is yours, open it there, or ask the block leader to press “Allow another device”. If "
        "it is not, ask the block leader for a link of your own.",
    ),
    "invitation.unknown": Sentence(
        vi="Không tìm thấy lời mời này. Xin người mời gửi đường dẫn mới.",
        en="There is no such invitation. Ask whoever invited you for a new link.",
    ),
    "invitation.revoked": Sentence(
        vi="Lời mời này đã bị thu hồi. Xin người mời gửi đường dẫn mới.",
        en="This invitation was taken back. Ask whoever invited you for a new link.",
    ),
    "invitation.expired": Sentence(
        vi="Lời mời này đã hết hạn. Xin người mời gửi đường dẫn mới.",
        en="This invitation is no longer valid. Ask whoever invited you for a new link.",
    ),
    "invitation.other_meeting": Sentence(
        vi="Lời mời này dành cho một cuộc họp khác. Xin người mời gửi đường dẫn của cuộc họp này.",
        en="This invitation is for another meeting. Ask whoever invited you for this one's link.",
    ),
    # Questions
    "question.unknown": Sentence(
        vi="Không còn thấy câu hỏi này trong danh sách. Xin tải lại trang.",
        en="This question is no longer in the list. Reload the page.",
    ),
    "question.other_meeting": Sentence(
        vi="Câu hỏi này thuộc cuộc họp trước nên không đưa lên màn hình lớn được. Có thể trả lời "
        "bằng cách viết câu trả lời.",
        en="This question belongs to an earlier meeting and cannot go on the big screen. Write its "
        "answer instead.",
    ),
    "question.not_while_waiting": Sentence(
        vi="Câu hỏi này đang chờ duyệt, chưa có trên màn hình lớn. Xin bấm duyệt trước.",
        en="This question still waits and is not on the big screen. Approve it first.",
    ),
    "question.not_while_approved": Sentence(
        vi="Câu hỏi này không có trên màn hình lớn. Bấm “Đưa lên màn hình” nếu muốn mọi "
        "người thấy.",
        en="This question is not on the big screen. Show it if everybody is to see it.",
    ),
    "question.not_while_on_stage": Sentence(
        vi="Câu hỏi này đang ở trên màn hình lớn rồi, không cần bấm nữa.",
        en="This question is on the big screen already; there is nothing more to press.",
    ),
    "question.not_while_answered": Sentence(
        vi="Câu hỏi này đã được trả lời. Muốn sửa, xin viết lại câu trả lời.",
        en="This question is answered. To correct the answer, write it again.",
    ),
    "question.not_while_dismissed": Sentence(
        vi="Câu hỏi này đã bị bỏ qua. Muốn dùng lại, xin bấm duyệt trước.",
        en="This question was set aside. To take it up again, approve it first.",
    ),
    "question.merged": Sentence(
        vi="Câu này đã gộp vào một câu khác và đi cùng câu ấy. Muốn làm riêng, bấm “Tách ra” "
        "trước.",
        en="This question is merged into another one and goes its way. To deal with it by itself, "
        "separate it first.",
    ),
    "question.not_merged": Sentence(
        vi="Câu này đã đứng riêng rồi, không cần bấm nữa.",
        en="This question stands by itself already; there is nothing more to press.",
    ),
    "question.merge_itself": Sentence(
        vi="Không gộp một câu vào chính nó được. Xin gõ số của câu khác.",
        en="A question cannot be merged into itself. Type the number of another one.",
    ),
    "question.merge_other_meeting": Sentence(
        vi="Hai câu này thuộc hai cuộc họp khác nhau nên không gộp được. Xin trả lời từng câu.",
        en="These two belong to different meetings and cannot be merged. Answer each.",
    ),
    "question.places_differ": Sentence(
        vi="Không gộp được: một câu nói về {here}, câu kia nói về {there}. Hai nơi khác nhau phải "
        "được trả lời riêng.",
        en="These cannot be merged: one is about {here}, the other about {there}. What happens in "
        "two places is answered twice.",
    ),
    "hand.unknown": Sentence(
        vi="Người này không còn trong danh sách xin phát biểu. Xin xem lại danh sách.",
        en="This person is no longer in the list of those who want to speak. Look at it again.",
    ),
    "hand.too_many": Sentence(
        vi="Danh sách xin phát biểu đã đủ {most} người. Bấm “Xong” cho ai đã nói rồi ghi tiếp.",
        en="The list of those who want to speak has {most} people. Press “Done” for those who have "
        "spoken, then go on.",
    ),
    "vote.closed": Sentence(
        vi="Câu này không còn chờ trả lời trong cuộc họp nữa. Xin mở lại trang để xem các câu "
        "khác.",
        en="This question no longer waits for its answer in the meeting. Reload the page to see "
        "the others.",
    ),
    "vote.spent": Sentence(
        vi="Máy này đã cùng hỏi {most} câu, là số nhiều nhất trong một cuộc họp. Bà con vẫn gửi "
        "được câu hỏi của mình.",
        en="This device has asked along {most} times, the most in one meeting. You may still send "
        "a question of your own.",
    ),
    "vote.no_cookie": Sentence(
        vi="Chưa nhận ra máy này nên chưa ghi được. Xin cho phép trình duyệt lưu cookie, mở lại "
        "trang “Câu đang chờ trả lời” rồi bấm lại.",
        en="This device is not known yet, so it was not counted. Allow cookies in the browser, "
        "open the page “Waiting for an answer” again and press once more.",
    ),
    "question.no_such_number": Sentence(
        vi="Không có câu số {number} trong cuộc họp này. Xin xem lại số rồi gõ lại.",
        en="There is no question number {number} in this meeting. Look again, then type it.",
    ),
    "room.sound_in_use": Sentence(
        vi="Loa và micro đang được thử. Đợi mười giây rồi bấm lại.",
        en="Loudspeaker and microphone are being tried already. Wait ten seconds, then tap again.",
    ),
    "room.nobody_asks": Sentence(
        vi="Không còn ai xin xem hay thử tiếng nữa. Cần thì người ấy bấm xin lại.",
        en="Nobody asks to look or listen any more. If it is still wanted, let them ask again.",
    ),
}

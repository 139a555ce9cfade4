"""The hall's microphone and loudspeaker."""

from web.sentences import Sentence

SENTENCES = {
    "sound.microphone_none": Sentence(
        vi="Máy tính không thấy micro nào. Kiểm tra dây micro ở cả hai đầu, bật công tắc micro; nếu"
        " vẫn không được thì khởi động lại máy tính.",
        en="The computer sees no microphone at all. Check the microphone's cable at both ends and"
        " its switch; if that does not help, restart the computer.",
    ),
    "sound.microphone_missing": Sentence(
        vi="Không thấy micro “{name}”. Kiểm tra dây và công tắc của micro. Nếu đã thay micro khác,"
        " nhờ kỹ thuật viên chọn lại tên. Máy tính đang thấy: {present}.",
        en="The microphone “{name}” is not there. Check its cable and switch. If it was replaced,"
        " ask the technician to set the new name. The computer sees: {present}.",
    ),
    "sound.microphone_ambiguous": Sentence(
        vi="Có nhiều micro cùng khớp với tên “{name}”: {present}. Nhờ kỹ thuật viên ghi tên đầy đủ"
        " của một micro trong phần cài đặt.",
        en="Several microphones match the name “{name}”: {present}. Ask the technician to write the"
        " whole name of one of them into the settings.",
    ),
    "sound.microphone_refused": Sentence(
        vi="Không mở được micro “{name}” ({reason}). Rút dây micro ra cắm lại; tắt chương trình"
        " khác đang dùng micro. Hệ thống vẫn tiếp tục thử.",
        en="The microphone “{name}” cannot be opened ({reason}). Unplug it and plug it in again,"
        " close other programs that use it. It is tried again all the time.",
    ),
    "sound.microphone_lost": Sentence(
        vi="Micro vừa mất kết nối. Kiểm tra dây micro; hệ thống đang tự nối lại.",
        en="The microphone has just been lost. Check its cable; it is being connected again.",
    ),
    "sound.microphone_stalled": Sentence(
        vi="Micro không còn gửi tiếng. Rút dây micro ra rồi cắm lại; hệ thống đang tự nối lại.",
        en="The microphone sends no sound any more. Unplug it and plug it in again; it is being"
        " connected again.",
    ),
    "sound.microphone_moved": Sentence(
        vi="Micro đã bị rút, máy tính đang lấy tiếng từ micro khác. Cắm lại micro của hội trường.",
        en="The microphone was unplugged and the computer has taken another one. Plug the hall's"
        " microphone in again.",
    ),
    "sound.microphone_choppy": Sentence(
        vi="Tiếng từ micro bị ngắt quãng vì máy tính quá tải hoặc dây lỏng. Tắt các chương trình"
        " khác trên máy tính và cắm chặt dây micro.",
        en="The microphone's sound has gaps because the computer is too busy or the cable is loose."
        " Close other programs on the computer and push the plug in firmly.",
    ),
    "sound.microphone_quiet": Sentence(
        vi="Micro nghe quá nhỏ: nói gần micro hơn, hoặc vặn to nút âm lượng của micro.",
        en="The microphone hears too little: speak closer to it, or turn its volume up.",
    ),
    "sound.microphone_clipped": Sentence(
        vi="Micro bị vỡ tiếng: nói xa micro ra một chút, hoặc vặn nhỏ nút âm lượng của micro.",
        en="The microphone is overloaded: speak a little farther from it, or turn its volume down.",
    ),
    "sound.microphone_overdriven": Sentence(
        vi="Micro bị vỡ tiếng mỗi khi loa kêu: giảm âm lượng loa, hoặc để micro xa loa hơn.",
        en="The microphone is overloaded whenever the loudspeaker sounds: turn the loudspeaker"
        " down, or move the microphone away from it.",
    ),
    "sound.microphone_fallback": Sentence(
        vi="Micro “{name}” không dùng được, máy đang dùng micro dự phòng “{fallback}”. Cắm lại "
        "micro chính, xem pin và công tắc; có lại thì máy tự chuyển về.",
        en="The microphone “{name}” cannot be used, “{fallback}” stands in for it. Plug the first "
        "one in again, see its battery and switch; it is then taken again by itself.",
    ),
    "sound.microphone_silent": Sentence(
        vi="Micro im lặng hoàn toàn: xem công tắc trên micro, pin của micro không dây và dây cắm.",
        en="The microphone is completely silent: look at its switch, the battery of a wireless one,"
        " and its cable.",
    ),
    "sound.microphone_hums": Sentence(
        vi="Micro có tiếng ù của điện: cắm micro, loa và máy tính vào chung một ổ điện, để dây"
        " micro xa dây điện.",
        en="The microphone hums with the mains: plug microphone, loudspeaker and computer into the"
        " same socket, and keep the microphone's cable away from power cables.",
    ),
    "sound.microphone_muted": Sentence(
        vi="Micro đang bị tắt tiếng ngay tại micro hoặc trong máy tính. Bấm nút tắt tiếng trên"
        " micro một lần nữa; nếu vẫn vậy, gọi kỹ thuật viên.",
        en="The microphone is muted at the microphone itself or in the computer. Press its mute"
        " button once more; if that does not help, call the technician.",
    ),
    "sound.loudspeaker_muted": Sentence(
        vi="Loa đang bị tắt tiếng ngay tại loa hoặc trong máy tính. Vào “Hình và tiếng”, bấm “Bật"
        " tiếng loa”.",
        en="The loudspeaker is muted at the loudspeaker itself or in the computer. Tap “Switch the"
        " loudspeaker on” under “Picture and sound”.",
    ),
    "sound.loudspeaker_clipped": Sentence(
        vi="Tiếng từ xa bị rè trước khi ra loa: nhắc người đang nói ở xa nói nhỏ hơn hoặc ngồi xa"
        " micro ra.",
        en="What comes from far away is torn before it is played: ask whoever speaks there to speak"
        " more softly or to sit farther from the microphone.",
    ),
    "sound.loudspeaker_none": Sentence(
        vi="Máy tính không thấy loa nào. Kiểm tra dây loa ở cả hai đầu và nguồn điện của loa;"
        " vẫn không được thì khởi động lại máy tính.",
        en="The computer sees no loudspeaker at all. Check the loudspeaker's cable at both ends and"
        " its power; if that does not help, restart the computer.",
    ),
    "sound.loudspeaker_missing": Sentence(
        vi="Không thấy loa “{name}”. Kiểm tra dây và nguồn điện của loa. Nếu đã thay loa khác,"
        " nhờ kỹ thuật viên chọn lại tên. Máy tính đang thấy: {present}.",
        en="The loudspeaker “{name}” is not there. Check its cable and power. If it was replaced,"
        " ask the technician to set the new name. The computer sees: {present}.",
    ),
    "sound.loudspeaker_ambiguous": Sentence(
        vi="Có nhiều loa cùng khớp với tên “{name}”: {present}. Nhờ kỹ thuật viên ghi tên đầy đủ"
        " của một loa trong phần cài đặt.",
        en="Several loudspeakers match the name “{name}”: {present}. Ask the technician to write"
        " the whole name of one of them into the settings.",
    ),
    "sound.loudspeaker_refused": Sentence(
        vi="Không mở được loa “{name}” ({reason}). Rút dây loa ra cắm lại; tắt chương trình khác"
        " đang dùng loa. Hệ thống vẫn tiếp tục thử.",
        en="The loudspeaker “{name}” cannot be opened ({reason}). Unplug it and plug it in again,"
        " close other programs that use it. It is tried again all the time.",
    ),
    "sound.loudspeaker_lost": Sentence(
        vi="Loa vừa mất kết nối. Kiểm tra dây loa; hệ thống đang tự nối lại.",
        en="The loudspeaker has just been lost. Check its cable; it is being connected again.",
    ),
    "sound.loudspeaker_stalled": Sentence(
        vi="Loa không còn nhận tiếng. Rút dây loa ra rồi cắm lại; hệ thống đang tự nối lại.",
        en="The loudspeaker takes no sound any more. Unplug it and plug it in again; it is being"
        " connected again.",
    ),
    "sound.loudspeaker_moved": Sentence(
        vi="Loa đã bị rút, máy tính đang phát tiếng ra loa khác. Cắm lại loa của hội trường.",
        en="The loudspeaker was unplugged and the computer has taken another one. Plug the hall's"
        " loudspeaker in again.",
    ),
    "sound.loudspeaker_choppy": Sentence(
        vi="Tiếng ra loa bị ngắt quãng vì máy tính quá tải hoặc dây lỏng. Tắt các chương trình"
        " khác trên máy tính và cắm chặt dây loa.",
        en="The loudspeaker's sound has gaps because the computer is too busy or the cable is"
        " loose. Close other programs on the computer and push the plug in firmly.",
    ),
    "sound.howls": Sentence(
        vi="Đang hú: máy đã vặn nhỏ loa và lọc tiếng hú. Đưa micro ra xa loa; ai đang mở cuộc họp"
        " trên điện thoại trong hội trường thì tắt tiếng máy đó.",
        en="It howls: the loudspeaker was turned down and the tone is filtered. Move the microphone"
        " away from the loudspeaker; whoever has the meeting open on a telephone in the hall should"
        " mute it.",
    ),
    "sound.howls_elsewhere": Sentence(
        vi="Đang hú qua âm-li của hội trường. Vặn nhỏ âm-li hoặc đưa micro ra xa loa.",
        en="It howls through the hall's own amplifier. Turn the amplifier down or move the"
        " microphone away from the loudspeaker.",
    ),
    "sound.library_missing": Sentence(
        vi="Máy tính thiếu phần mềm âm thanh nên micro và loa chưa dùng được. Nhờ kỹ thuật viên"
        " cài gói libportaudio2.",
        en="The computer lacks its sound software, so microphone and loudspeaker cannot be used."
        " Ask the technician to install the package libportaudio2.",
    ),
    "sound.listing_failed": Sentence(
        vi="Không xem được máy tính có những micro và loa nào. Khởi động lại máy tính; nếu vẫn"
        " vậy, báo kỹ thuật viên.",
        en="The computer cannot tell which microphones and loudspeakers it has. Restart the"
        " computer; if it stays so, tell the technician.",
    ),
    "sound.process_died": Sentence(
        vi="Phần mềm âm thanh vừa dừng đột ngột (mã {status}) và đang tự chạy lại. Xin đợi vài"
        " giây; nếu lặp lại nhiều lần, báo kỹ thuật viên.",
        en="The sound software has stopped suddenly (status {status}) and is being started again."
        " Wait some seconds; if it happens again and again, tell the technician.",
    ),
    "sound.process_hung": Sentence(
        vi="Phần mềm âm thanh bị treo và đang được chạy lại. Xin đợi vài giây; nếu vẫn không có"
        " tiếng, rút dây micro và loa ra rồi cắm lại.",
        en="The sound software hung and is being started again. Wait some seconds; if there is"
        " still no sound, unplug the microphone and the loudspeaker and plug them in again.",
    ),
    "sound.process_garbled": Sentence(
        vi="Phần mềm âm thanh gửi dữ liệu sai và đang được chạy lại. Xin đợi vài giây; nếu lặp lại,"
        " nhờ kỹ thuật viên cài lại phần mềm.",
        en="The sound software sent wrong data and is being started again. Wait some seconds; if it"
        " happens again, ask the technician to install the software anew.",
    ),
    "sound.process_not_started": Sentence(
        vi="Máy tính không chạy được phần mềm âm thanh. Khởi động lại máy tính; nếu vẫn vậy, báo kỹ"
        " thuật viên.",
        en="The computer cannot start the sound software. Restart the computer; if it stays so,"
        " tell the technician.",
    ),
    "sound.test_heard": Sentence(
        vi="Loa và micro tốt, trễ {delay} ms. Tiếng loa vào micro: {echo} dB; tiếng ồn trong "
        "phòng: {noise} dB.",
        en="Loudspeaker and microphone are fine, {delay} ms late. Loudspeaker in the microphone: "
        "{echo} dB; noise of the hall: {noise} dB.",
    ),
    "sound.amplifier_off": Sentence(
        vi="Máy đang phát ra loa nhưng micro không nghe thấy: thường là âm-li chưa bật hoặc vặn "
        "nhỏ. Bật âm-li, vặn to, xem dây từ máy tính tới âm-li; loa vẫn kêu thì đưa micro lại gần "
        "hơn.",
        en="Sound is played but the microphone does not hear it: mostly the amplifier is off or "
        "turned down. Switch it on, turn it up, see its cable to the computer; if the loudspeaker "
        "does sound, move the microphone closer.",
    ),
    "sound.test_not_heard": Sentence(
        vi="Máy đã phát ra loa nhưng micro không nghe thấy: thường là âm-li chưa bật. Bật âm-li, "
        "vặn to, xem dây loa rồi thử lại. Loa có kêu thì bật micro và đưa micro lại gần hơn. (Máy "
        "phát {loudspeaker} dB, micro {microphone} dB.)",
        en="Sound was played but the microphone did not hear it: mostly the amplifier is off. "
        "Switch it on, turn it up, see the loudspeaker's cable, then test again. If the "
        "loudspeaker did sound, switch the microphone on and move it closer. (Played "
        "{loudspeaker} dB, microphone {microphone} dB.)",
    ),
    "sound.test_nothing_heard": Sentence(
        vi="Đã phát ra loa ({loudspeaker} dB) nhưng micro không thu được gì. Kiểm tra công tắc, "
        "pin và dây micro.",
        en="Sound was played ({loudspeaker} dB), but the microphone heard nothing at all. "
        "Check the microphone's switch, battery and cable.",
    ),
    "sound.test_not_played": Sentence(
        vi="Không phát được ra loa. Kiểm tra âm lượng có đang là 0 và loa đã cắm vào máy chưa, rồi "
        "thử lại.",
        en="Nothing was played. See whether the volume is 0 and the loudspeaker is plugged in, "
        "then test again.",
    ),
    "sound.test_too_loud": Sentence(
        vi="Micro bị quá tiếng ({microphone} dB). Vặn nhỏ loa hoặc giảm độ nhạy micro, rồi thử "
        "lại.",
        en="The microphone is overloaded ({microphone} dB). Turn the loudspeaker down or the "
        "microphone's gain, then test again.",
    ),
    "sound.test_rattles": Sentence(
        vi="Loa bị rè. Vặn nhỏ âm ly hoặc âm lượng rồi thử lại. Vẫn rè thì xem loa có lỏng ốc, "
        "chạm vật gì hay rách màng không; nếu tai nghe vẫn thấy trong thì giảm độ nhạy micro.",
        en="The loudspeaker rattles. Turn the amplifier or the volume down, then test again. If it "
        "stays, see whether a screw is loose, something touches it or its cone is torn; if it "
        "sounds clean to the ear, turn the microphone's gain down.",
    ),
    "sound.test_closed": Sentence(
        vi="Micro chưa mở được nên chưa thử. Máy vừa bật thì chờ một phút rồi thử lại; vẫn thế thì "
        "xem lỗi của micro ở trang Thiết bị.",
        en="The microphone did not open, so nothing was tested. Where the computer was just "
        "switched on, wait a minute and test again; else see its fault among the devices.",
    ),
    "sound.recording_failed": Sentence(
        vi="Không ghi được tiếng vì micro không mở được. Xem lỗi của micro ở trang Thiết bị, sửa"
        " rồi ghi lại.",
        en="Nothing was recorded, because the microphone could not be opened. See its fault among"
        " the equipment, mend it, then record again.",
    ),
    "sound.file_unreadable": Sentence(
        vi="Không đọc được tệp âm thanh {file} ({reason}). Kiểm tra lại tên tệp; tệp phải là WAV.",
        en="The sound file {file} cannot be read ({reason}). Check its name; it has to be a WAV"
        " file.",
    ),
    "sound.file_form": Sentence(
        vi="Tệp {file} có tần số {rate} Hz, {channels} kênh, {bits} bit. Cần 48000 Hz, một kênh, 16"
        " bit: đổi bằng lệnh “ffmpeg -i {file} -ar 48000 -ac 1 -sample_fmt s16 moi.wav”.",
        en="The file {file} has {rate} Hz, {channels} channels, {bits} bits. It has to have 48000"
        " Hz, one channel, 16 bits: “ffmpeg -i {file} -ar 48000 -ac 1 -sample_fmt s16 new.wav”"
        " makes it so.",
    ),
}

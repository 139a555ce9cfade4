"""What a mail is read as, whatever its bytes are."""

import base64
import quopri
import unicodedata
from email.message import EmailMessage

import pytest

from feedback.mail.letters import read_letter

OWN = "hop@phuong.example"
HEAD = "From: Nguyễn Văn An <An@Mail.example>\r\nTo: hop@phuong.example\r\nSubject: Đèn hỏng\r\n"


def read(head, body, own=OWN):
    data = body if isinstance(body, bytes) else body.encode()
    return read_letter(head.encode() + b"\r\n" + data, own=own)


def composed(text="Cống ngõ 5 tắc", **headers):
    mail = EmailMessage()
    usual = {"From": "an@mail.example", "To": OWN, "Subject": "Cống tắc", "Message-ID": "<1@x>"}
    for name, value in (usual | {k.replace("_", "-"): v for k, v in headers.items()}).items():
        if value is not None:
            mail[name] = value
    mail.set_content(text)
    return mail


def letter(mail):
    return read_letter(mail.as_bytes(), own=OWN)


SENTENCE = "Đường ngõ 5 ngập, bà con không đi được, đề nghị sửa ngay."


def windows_1258(text):
    """Letters with their tone behind, as the old programs wrote it."""
    whole = "ăâđêôơưĂÂĐÊÔƠƯ"
    parts = []
    for c in text:
        plain = unicodedata.normalize("NFD", c)
        letter = unicodedata.normalize("NFC", plain[:2]) if plain[:2] else c
        base, rest = (letter, plain[2:]) if letter in whole else (plain[0], plain[1:])
        if letter not in whole and any(m in plain for m in "\u0306\u0302\u031b"):
            vowel = next(m for m in "\u0306\u0302\u031b" if m in plain)
            base = unicodedata.normalize("NFC", plain[0] + vowel)
            rest = plain[1:].replace(vowel, "")
        parts.append(base + rest)
    return "".join(parts).encode("windows-1258")


ENCODERS = {
    "quoted-printable": quopri.encodestring,
    "base64": base64.encodebytes,
    "8bit": bytes,
}
LABELLED = [
    ("utf-8", SENTENCE.encode()),
    ("UTF-8", unicodedata.normalize("NFD", SENTENCE).encode()),
    ("windows-1258", windows_1258(SENTENCE)),
    ("us-ascii", SENTENCE.encode()),
    ("no-such-alphabet", SENTENCE.encode()),
    ("base64", SENTENCE.encode()),
    ("utf-16", SENTENCE.encode("utf-16")),
]


@pytest.mark.parametrize(
    ("charset", "data", "encoding"),
    [
        (charset, data, encoding)
        for charset, data in LABELLED
        for encoding in ENCODERS
        # its line ends would be inside of characters: no program writes that
        if (charset, encoding) != ("utf-16", "8bit")
    ],
)
def test_its_alphabet(charset, data, encoding):
    body = ENCODERS[encoding](data)
    head = HEAD + (
        f"Content-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: {encoding}\r\n"
    )
    assert read(head, body).text == f"Đèn hỏng\n\n{SENTENCE}"


@pytest.mark.parametrize(
    ("charset", "data"),
    [
        ("x-viet-tcvn", bytes([0xA7, 0xAD, 0xEA, 0x6E, 0x67])),
        ("viscii", bytes([0xD0, 0xDF, 0xB6, 0x6E, 0x67])),
    ],
)
def test_the_alphabets_that_python_does_not_know(charset, data):
    head = f"From: a@x.example\r\nContent-Type: text/plain; charset={charset}\r\n"
    assert read(head + "Content-Transfer-Encoding: 8bit\r\n", data).text == "Đường"


def test_what_cannot_be_read_is_replaced():
    head = HEAD + "Content-Type: text/plain; charset=utf-8\r\n"
    assert read(head, b"Ng\xf5 5 \xff t\xe1\xba\xafc").text == "Đèn hỏng\n\nNg\ufffd 5 \ufffd tắc"


def test_who_wrote_and_to_whom():
    found = read(HEAD + "Cc: To Nam <hop+TO-5@phuong.example>\r\nMessage-ID: <7@x>\r\n", "Hỏng")
    assert found.sender == "an@mail.example"
    assert found.to == ("hop@phuong.example", "hop+to-5@phuong.example")
    assert (found.message_id, found.left_alone) == ("<7@x>", None)


def test_html_alone_becomes_lines():
    mail = composed()
    mail.set_content(
        "<html><head><title>x</title><style>p{}</style></head><body><p>Ngõ&nbsp;5 "
        "<b>tắc</b> cống<br>Nước   đọng</p><ul><li>một<li>hai</ul><script>alert(1)</script>"
        '<div class="gmail_quote">On … wrote:<blockquote>cũ</blockquote></div></body></html>',
        subtype="html",
    )
    assert letter(mail).text == "Cống tắc\n\nNgõ 5 tắc cống\nNước đọng\n\n- một\n- hai"


def test_of_alternatives_the_plain_one_and_every_part_of_a_mixed_one():
    mail = composed("Phần một")
    mail.add_alternative("<p>Phần một, đẹp</p>", subtype="html")
    mail.add_attachment(b"x", maintype="image", subtype="jpeg", filename="ảnh cống.jpg")
    mail.attach(composed("Phần hai"))
    mail.add_attachment("bí mật", filename="ghi chú.txt")
    found = letter(mail)
    assert found.text == "Cống tắc\n\nPhần một\n\nPhần hai"
    assert found.enclosed == ("ảnh cống.jpg", "ghi chú.txt")


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("Vẫn tắc\n\nOn Mon, 1 Dec 2026 at 9:00, Phường <hop@x>\nwrote:\n> Đã thông\n> hôm qua", 1),
        ("Vẫn tắc\n\nVào Th 2, 1 thg 12, 2026 lúc 9:00 Phường đã viết:\n\n> Đã thông", 1),
        ("Vẫn tắc\n\n-----Original Message-----\nFrom: Phường\nĐã thông", 1),
        ("Vẫn tắc\n\n________________________________\nFrom: Phường\nSent: x\n\nĐã thông", 1),
        ("Vẫn tắc\n-- \nNguyễn Văn An\n0912345678", 1),
        ("Vẫn tắc\n\nĐược gửi từ iPhone của tôi", 1),
        ("> Đã thông chưa?\n\nChưa, vẫn tắc", 0),
        ("> Đã thông", 0),
        ("Hôm qua có người viết:\nkhông ai đến\nVẫn tắc", 0),
    ],
)
def test_what_a_reply_quotes_is_not_its_own(text, own):
    found = letter(composed(text, Subject="Re: Trả lời: Cống", In_Reply_To="<0@x>"))
    assert found.text == "Cống\n\n" + ("Vẫn tắc" if own else text)
    assert found.follows == ("<0@x>",)


def test_a_first_mail_is_left_whole():
    text = "Kính gửi phường\n-- \nNguyễn Văn An, ngõ 5"
    assert letter(composed(text)).text == f"Cống tắc\n\n{text.replace('-- ', '--')}"
    assert letter(composed("cống tắc rồi")).text == "cống tắc rồi", "said again"


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ({"From": OWN.upper()}, "ours"),
        ({"Return_Path": "<>"}, "bounce"),
        ({"From": "MAILER-DAEMON@x.example"}, "nobody"),
        ({"From": "no-reply@x.example"}, "nobody"),
        ({"From": "An, không có địa chỉ"}, "nobody"),
        ({"From": None}, "nobody"),
        ({"Auto_Submitted": "auto-replied; x=y"}, "automatic"),
        ({"Auto_Submitted": "no"}, None),
        ({"Precedence": "bulk"}, "automatic"),
        ({"X_Autoreply": "yes"}, "automatic"),
        ({"Precedence": "list"}, "list"),
        ({"List_Id": "<ads.example>"}, "list"),
        ({"X_Spam_Flag": "YES"}, "spam"),
        ({}, None),
    ],
)
def test_other_programs_are_left_alone(headers, why):
    assert letter(composed(**headers)).left_alone == why


def test_a_report_of_what_could_not_be_delivered_is_left_alone():
    mail = composed()
    mail.make_mixed()
    mail.replace_header("Content-Type", "multipart/report; boundary=x")
    assert letter(mail).left_alone == "bounce"


def test_the_same_mail_by_another_way_has_the_same_key_and_no_other_has():
    mail = composed().as_bytes()
    key = read_letter(mail, own=OWN).key
    assert read_letter(b"Received: from y\n" + mail, own=OWN).key == key
    renamed = composed(**{"Message-ID": "<2@x>"})
    for other in (composed("Khác"), composed(From="b@x.example"), renamed):
        assert letter(other).key != key


NESTED = b"".join(
    b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(1500)
)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\r\n\r\n\r\n",
        b"\xff\xfe\x00" * 1000,
        b"From: a@x.example\r\nSubject: sau\r\n" + NESTED,
        b"From: a@x.example\r\nSubject: =?x?b?=?=\r\n =?utf-8?q?=ff=fe?=\r\n\r\nx",
        b"From: =?utf-8?q?=22?= <a@x.example>\r\nTo: <<<>>,,@@\r\nMessage-ID: <>\r\n\r\nxyz",
        b"From: a@x.example\r\nSubject: " + b"A" * 3_000_000 + b"\r\n\r\nx",
        b"From: a@x.example\r\nContent-Type: text/html\r\n\r\n" + b"<div>" * 100_000,
        b"From: a@x.example\r\nContent-Type: text/html\r\n\r\n<!-- <![CDATA[ <p",
        b"From: a@x.example\r\nContent-Type: multipart/mixed; boundary*0=\r\n\r\nx",
        b"From: a@x.example\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!",
        b"From: a@x.example\r\nContent-Type: text/plain; charset*=x''%ff\r\n\r\nxyz",
        b"From: a@x.example\r\n" + b"To: b@x.example\r\n" * 5_000 + b"\r\nxyz",
    ],
    ids=range(13),
)
def test_hostile_mail_is_read_as_far_as_it_goes(raw):
    found = read_letter(raw, own=OWN)
    assert len(found.key) == 64
    for line in (found.sender, found.message_id, *found.to, *found.enclosed):
        assert "\n" not in line and "\r" not in line
    found.text.encode()


def test_no_header_can_be_smuggled_into_an_answer():
    found = read("From: =?utf-8?q?An=0D=0ABcc:_b=40x.example?= <a@x.example>\r\n", "xyz")
    assert found.sender == "a@x.example"
    assert read("From: <a@x.example\rBcc: b@x.example>\r\n", "xyz").sender in ("", "a@x.example")

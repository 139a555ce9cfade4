"""From a mailbox at a real server to a case, and back to a real SMTP server."""

import io
import secrets
import shutil
import socket
import ssl
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from functools import partial

import pytest
from imapclient import SocketTimeout
from PIL import Image
from sqlalchemy import select

from avcontrol.mail import letter as receipt_letter
from base.cause import Cause
from config.feedback import CitizenReceptionSection, FeedbackSection
from config.mail import WardMailSection
from config.targets import SmtpServer
from feedback import store
from feedback.album import Album
from feedback.case import Place
from feedback.delivery import Delivery, receiver_of
from feedback.desk import WardDesk
from feedback.mail import mailbox
from feedback.mail import reception as module
from feedback.mail.at_ward import by_address, receive_at_ward
from feedback.mail.mailbox import Mailbox, MailboxAway
from feedback.mail.receipts import Receipts
from feedback.mail.reception import Reception
from feedback.pictures import Darkroom
from feedback.receipt import written
from feedback.rules import Rules
from feedback.tables import cases, outbox
from storage.engine import Database

OWN = "hop@phuong.example"
DONE = "Đã tiếp nhận"


def mail(text="Cống ngõ 5 tắc", subject="Cống tắc", sender="An <an@mail.example>", **more):
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = sender, more.pop("to", OWN), subject
    made["Message-ID"] = more.pop("id", None) or f"<{secrets.token_hex(8)}@mail.example>"
    for name, value in more.items():
        made[name.replace("_", "-")] = value
    made.set_content(text)
    return made


class Ward:
    def __init__(self, database, account, settings):
        self.database = database
        self.account = account
        self.settings = settings
        self.rules = Rules.of(FeedbackSection(), here=Place.WARD)
        self.album = partial(Album.of, FeedbackSection(), database, Darkroom())
        self.now = datetime.now(UTC)
        self.begin()

    def begin(self):
        """As after a restart: nothing is remembered but what is stored."""
        receive = receive_at_ward(self.database, self.rules)
        self.reception = Reception(
            self.database,
            self.settings,
            self.rules,
            receive,
            by_address(self.settings, self.is_house),
            album=self.album,
            now=lambda: self.now,
        )

    async def is_house(self, house_id):
        return house_id == "to-5"

    async def cases(self):
        query = select(cases.c.id).order_by(cases.c.received_at)
        ids = await self.database.read(lambda c: c.execute(query).scalars().all())
        return [await self.database.read(lambda c, i=i: store.get(c, i)) for i in ids]

    async def lines(self, case_id):
        found = await self.database.read(lambda c: store.history(c, case_id))
        return [(line.what, line.text) for line in found]

    async def waiting(self, receiver):
        query = select(outbox.c.kind, outbox.c.body).where(outbox.c.receiver == receiver)
        return await self.database.read(lambda c: c.execute(query).all())

    async def receipts(self):
        return len(await self.waiting(receiver_of(OWN)))


@pytest.fixture
def settings(account, tmp_path):
    password = tmp_path / "password"
    password.write_text("s3cret\n")
    return WardMailSection(
        address=OWN,
        host="127.0.0.1",
        port=account.server.port,
        security="none",
        user=account.user,
        password_file=password,
        since=datetime.now(UTC).date() - timedelta(days=1),
        smtp=SmtpServer(host="127.0.0.1", security="none"),
        houses={"tonam@phuong.example": "to-5", "tochin@phuong.example": "to-9"},
    )


@pytest.fixture
async def ward(tmp_path, migrated, account, settings):
    shutil.copy(migrated, tmp_path / "ward.db")
    async with await Database.open(tmp_path / "ward.db") as database:
        yield Ward(database, account, settings)


@pytest.fixture
async def ward_on_both(where, account, settings):
    async with await Database.open(where) as database:
        yield Ward(database, account, settings)


async def test_a_mail_is_a_case_once_whatever_is_killed_in_between(ward_on_both, monkeypatch):
    ward = ward_on_both
    first = mail(id="<1@mail.example>")
    ward.account.put(first, mail("Đèn hỏng", "Đèn"), mail("Mua ngay", List_Id="<ads.example>"))

    def killed(self, uid):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Mailbox, "put_away", killed)
        with pytest.raises(KeyboardInterrupt):
            await ward.reception.step()
    assert [one.case.text for one in await ward.cases()] == ["Cống tắc\n\nCống ngõ 5 tắc"]
    assert ward.account.folder()[0] == ("Cống tắc", set()), "stored, and not marked yet"

    ward.begin()
    assert await ward.reception.step() == 2
    one, two = await ward.cases()
    assert (two.case.text, await ward.receipts()) == ("Đèn hỏng", 2)
    assert (one.case.name, one.case.via) == (None, "email"), "nobody was asked for consent"
    assert (one.work.owner.code, one.house) == ("office", None)
    moved = [subject for subject, flags in ward.account.folder(DONE) if b"\\Seen" in flags]
    assert sorted(moved) == ["Cống tắc", "Đèn"]
    (left,) = ward.account.folder()
    assert b"\\Seen" not in left[1], "nobody's matter is not touched"

    # The same mail again, by another way; and another one under the same id.
    ward.account.put(b"Received: from elsewhere\r\n" + first.as_bytes())
    ward.account.put(mail("Cống ngõ 9 tắc", id="<1@mail.example>"))
    await ward.reception.step()
    assert (len(await ward.cases()), await ward.receipts()) == (3, 3)
    found = await ward.reception.standing()
    assert (found.problem, found.left_alone, found.looked_at) == (None, 1, ward.now)


async def test_uids_mean_nothing_after_a_new_uidvalidity(ward):
    ward.settings = ward.settings.model_copy(update={"folder": "Bà con"})
    ward.begin()

    def set_up_anew(held):
        with ward.account.program() as client:
            if client.folder_exists("Bà con"):
                client.delete_folder("Bà con")
            client.create_folder("Bà con")
            client.append("Bà con", held.as_bytes().replace(b"\n", b"\r\n"))
            return client.folder_status("Bà con", ["UIDVALIDITY", "UIDNEXT"])

    before = set_up_anew(mail("Để yên", Precedence="bulk"))
    await ward.reception.step()
    after = set_up_anew(mail("Sau đó"))
    assert before[b"UIDVALIDITY"] != after[b"UIDVALIDITY"]
    assert before[b"UIDNEXT"] == after[b"UIDNEXT"]
    await ward.reception.step()
    assert [one.case.text for one in await ward.cases()] == ["Cống tắc\n\nSau đó"]


async def test_whose_it_is(ward):
    ward.account.put(
        mail("một", to="Tổ 5 <TONAM@phuong.example>"),
        mail("hai", to="hop+to-5@phuong.example"),
        mail("ba", to="hop+to-7@phuong.example"),
        mail("bốn", to="tochin@phuong.example"),
    )
    await ward.reception.step()
    found = {one.case.text.split()[-1]: one.house for one in await ward.cases()}
    assert found == {"một": "to-5", "hai": "to-5", "ba": None, "bốn": None}
    down = await ward.waiting("to-5")
    assert [kind for kind, _ in down] == ["question"] * 2
    assert "An" not in down[0].body, "he did not say that his name may be kept"


async def test_nothing_of_a_long_mail_is_lost(ward):
    text = " ".join(f"câu {number}" for number in range(1500))
    long = mail(text, "Dài")
    long.add_attachment(b"x" * 12_000_000, maintype="image", subtype="jpeg", filename="cống.jpg")
    ward.account.put(long)
    await ward.reception.step()
    (found,) = await ward.cases()
    assert len(found.case.text) <= 2000 and found.case.text.endswith(" […]")
    lines = await ward.lines(found.case.id)
    rest = [said for what, said in lines if what == "continued"]
    whole = " ".join([found.case.text.removesuffix("[…]"), *rest]).split()
    assert "".join(whole) == "".join(f"Dài {text}".split())
    assert ("enclosed", "cống.jpg") in lines


async def test_a_sender_without_end_waits_and_is_not_lost(ward, monkeypatch):
    monkeypatch.setattr(module, "MOST_A_DAY", 2)
    ward.account.put(*(mail(f"Việc {number}") for number in range(3)))
    ward.account.put(mail("Khác", sender="b@mail.example"))
    await ward.reception.step()
    assert (len(await ward.cases()), (await ward.reception.standing()).waiting) == (3, 1)
    assert len(ward.account.folder()) == 1
    ward.now += timedelta(days=2)
    ward.begin()
    await ward.reception.step()
    assert (len(await ward.cases()), ward.account.folder()) == (4, [])


async def test_who_answers_the_receipt_adds_to_his_case(ward):
    ward.account.put(mail())
    await ward.reception.step()
    (found,) = await ward.cases()
    answers = f"<receipt-{found.case.id}@phuong.example>"
    ward.account.put(mail("Nước ngập nhà rồi", "Re: Đã tiếp nhận", In_Reply_To=answers))
    ward.account.put(mail("Tôi cũng thế", sender="b@mail.example", In_Reply_To=answers))
    await ward.reception.step()
    assert ("added", "Đã tiếp nhận\n\nNước ngập nhà rồi") in await ward.lines(found.case.id)
    assert len(await ward.cases()) == 2, "another's is a case of his own"
    assert await ward.receipts() == 2, "what was added is not answered: no two programs go on"


async def test_the_receipt_goes_out_with_words_in_both_languages(ward, smtp):
    place = CitizenReceptionSection(name="Phòng 1", address="1 đường Mẫu")
    ward.account.put(mail("Tôi tố cáo cán bộ nhận hối lộ", "Tố cáo", id="<t@mail.example>"))
    await ward.reception.step()
    ward.account.put(mail(id="<q@mail.example>"), mail("", "", id="<e@mail.example>"))
    await ward.reception.step()
    settings = ward.settings.model_copy(
        update={"smtp": SmtpServer(host="127.0.0.1", port=smtp.port, security="none")}
    )
    write = partial(receipt_letter, "Phường Mẫu", "https://hop.example", place)
    delivery = Delivery(ward.database, Receipts(settings, write), now=lambda: datetime.now(UTC))
    assert await delivery.step() == 3
    assert await ward.receipts() == 0, "with it the address is gone"
    _, found = await ward.cases()
    mails = {one["in-reply-to"][1]: one for one in smtp.mails}
    receipt, empty = mails["q"], mails["e"]
    advice = mails["t"].get_content()
    assert "Luật Tố cáo 2018" in advice and advice.count("Phòng 1\n1 đường Mẫu") == 2
    assert (receipt["to"], receipt["from"]) == ("an@mail.example", OWN)
    assert receipt["in-reply-to"] == "<q@mail.example>"
    assert receipt["message-id"] == f"<receipt-{found.case.id}@phuong.example>"
    assert receipt["auto-submitted"] == "auto-replied"
    words = receipt.get_content()
    assert words.count(written(found.case.receipt)) == 2
    assert words.count(f"https://hop.example/receipt/{found.case.receipt}") == 2
    assert words.index("Hạn trả lời") < words.index("Answered by")
    assert "Cống" not in words, "nobody is made to send what another wrote"
    assert "chữ trong thư" in empty.get_content()
    view = await WardDesk(ward.database).find_receipt(written(found.case.receipt))
    assert view.progress.owner == found.work.owner.name


async def away(settings, context=None):
    with pytest.raises(MailboxAway) as failed, Mailbox(settings, context=context):
        pass
    return failed.value.cause


async def test_why_a_mailbox_cannot_be_read(settings, account, certificate, tmp_path, monkeypatch):
    def other(**changes):
        return settings.model_copy(update=changes)

    nowhere = {"host": "127.0.0.1"}
    assert await away(other(port=1)) == Cause(
        "mail.unreachable", error="ConnectionRefusedError", **nowhere
    )
    assert await away(other(folder="Không có")) == Cause("mail.folder", folder="Không có")
    wrong = tmp_path / "wrong"
    wrong.write_text("x")
    encrypted = {"host": "localhost", "port": account.server.tls_port, "security": "tls"}
    assert await away(other(**encrypted)) == Cause("mail.certificate", host="localhost")
    starttls = other(host="localhost", security="starttls")
    assert await away(starttls) == Cause("mail.certificate", host="localhost")
    assert await away(other(password_file=tmp_path / "none")) == Cause("mail.password_file")
    trusting = ssl.create_default_context(cafile=certificate[0])
    cause = Cause("mail.password", user=account.user)
    assert await away(other(**encrypted, password_file=wrong), trusting) == cause
    with Mailbox(other(**encrypted), context=trusting) as box:
        assert box.waiting() == []
    silent = socket.create_server(("127.0.0.1", 0))
    with silent:
        port = silent.getsockname()[1]
        monkeypatch.setattr(mailbox, "_TIMEOUTS", SocketTimeout(0.2, 0.2))
        assert await away(other(port=port)) == Cause("mail.hangs", **nowhere)


def photo():
    data = io.BytesIO()
    Image.effect_noise((320, 240), 90).convert("RGB").save(data, "JPEG", comment=b"Ngo 5")
    return data.getvalue()


async def test_photos_are_painted_anew_and_what_is_none_stays_in_the_mailbox(ward):
    with_photo = mail()
    for name, data in (("cống.jpg", photo()), ("bom.jpg", b"\xff\xd8" + b"x" * 9_000)):
        with_photo.add_attachment(data, maintype="image", subtype="jpeg", filename=name)
    ward.account.put(with_photo)
    await ward.reception.step()
    (found,) = await ward.cases()
    (kept,) = (await ward.album(None).of_cases([found.case.id]))[found.case.id]
    assert (kept.width, kept.height, kept.public) == (320, 240, False)
    _, content = await ward.album(None).content(kept.id)
    assert b"Ngo 5" not in content
    assert ("enclosed", "bom.jpg") in await ward.lines(found.case.id)
    answers = f"<receipt-{found.case.id}@phuong.example>"
    another = mail("Thêm ảnh", In_Reply_To=answers)
    another.add_attachment(photo(), maintype="image", subtype="jpeg", filename="2.jpg")
    ward.account.put(another)
    await ward.reception.step()
    assert len((await ward.album(None).of_cases([found.case.id]))[found.case.id]) == 2

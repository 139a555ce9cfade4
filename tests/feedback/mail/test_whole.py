"""A ward and a house, each as its daemon is, with a mailbox."""

import asyncio
import re
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import httpx
import pytest

from avcontrol.house import open_house
from avcontrol.ward import open_ward
from base.cause import Cause
from config.mail import MailSection, WardMailSection
from config.settings import HouseSection, HouseSettings, WebSection
from config.targets import SmtpServer
from config.ward import HubWebSection, WardSection, WardSettings
from feedback import post_health
from feedback.post import mailbox_of
from rooms.view import Role
from tests.ports import free_port
from ward.accounts import AccountRole
from web.access import cookie_name
from web.hub.access import COOKIE

OWN = "hop@phuong.example"


@pytest.fixture
def mail_section(account, smtp, tmp_path):
    def make(kind):
        password = tmp_path / "password"
        password.write_text("s3cret")
        return kind(
            address=OWN,
            host="127.0.0.1",
            port=account.server.port,
            security="none",
            user=account.user,
            password_file=password,
            since=datetime.now(UTC).date() - timedelta(days=1),
            every_seconds=5,
            smtp=SmtpServer(host="127.0.0.1", port=smtp.port, security="none"),
        )

    account.put(asking())
    return make


def asking():
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "Bà Tư <tu@mail.example>", OWN, "Đèn ngõ 5"
    mail["Message-ID"] = "<1@mail.example>"
    mail.set_content("Đèn đường hỏng từ hôm qua, gọi tôi 0912345678")
    return mail


@asynccontextmanager
async def browser(url, **cookies):
    headers = {"Origin": url, "Accept": "text/html"}
    async with httpx.AsyncClient(
        base_url=url, headers=headers, cookies=cookies, trust_env=False, timeout=30
    ) as client:
        yield client


async def receipt_mail(smtp):
    async with asyncio.timeout(30):
        while not smtp.mails:
            await asyncio.sleep(0.05)
    return smtp.mails[0].get_content()


async def test_the_ward_receives_by_mail_and_shows_the_receipt(tmp_path, mail_section, smtp):
    settings = WardSettings(
        ward=WardSection(name="Phường Mẫu"),
        web=HubWebSection(port=free_port(), public_url="https://hop.example"),
        data=tmp_path / "ward",
        mail=mail_section(WardMailSection),
    )
    async with open_ward(settings) as ward:
        words = await receipt_mail(smtp)
        path = re.search(r"https://hop\.example(/receipt/\w{12})", words)[1]
        host = {"Host": "hop.example"}
        async with browser(ward.url) as resident:
            page = (await resident.get(path, headers=host)).text
            assert "Đèn đường hỏng" in page and "gửi thẳng cho phường" in page
            assert 'data-action="questions"' not in page, "the ward has no meeting"
            assert "Tư" not in page and "tu@mail" not in page
            wrong = await resident.get("/receipt/000000000000", headers=host)
            assert wrong.status_code == 404
        account, _ = await ward.site.accounts.create(
            "ky@phuong.example", "Kỹ", AccountRole.TECHNICIAN
        )
        session = await ward.site.access.sessions.open(account)
        async with browser(ward.url, **{COOKIE: session.secret}) as technician:
            page = (await technician.get("/watch", headers=host)).text
            assert 'data-value="mailbox" data-code="working"' in page
            lost = Cause("mail.password", user="hop")
            await ward.site.workplace.database.write(  # as another process of the hub does
                lambda c: post_health.lost(c, mailbox_of(OWN), lost, at=datetime.now(UTC))
            )
            page = (await technician.get("/watch", headers=host)).text
            assert "Máy chủ thư từ chối tên hop hoặc mật khẩu" in page
            assert 'id="watch-own"' in page
            outside = (await technician.get("/watch/outward", headers=host)).text
            assert f'data-code="{OWN}"' in outside


async def test_a_house_receives_by_mail_into_its_questions(tmp_path, mail_section, smtp):
    settings = HouseSettings(
        house=HouseSection(name="Nhà văn hóa Tổ 5", ward="Phường Mẫu"),
        web=WebSection(port=free_port()),
        data=tmp_path / "house",
        mail=mail_section(MailSection),
    )
    async with open_house(settings) as house:
        words = await receipt_mail(smtp)
        assert "Nhà văn hóa Tổ 5 đã nhận được thư" in words and "http" not in words
        (question,) = house.room.view.value.questions
        assert (question.text.split("\n")[0], question.via) == ("Đèn ngõ 5", "email")
        technician = await house.access.let_in(Role.TECHNICIAN, "Kỹ")
        cookie = {cookie_name(Role.TECHNICIAN): technician.secret}
        async with browser(house.url, **cookie) as client:
            page = (await client.get("/technician")).text
            assert 'data-value="mailbox" data-code="working"' in page
            assert 'data-value="mails-received">1<' in page

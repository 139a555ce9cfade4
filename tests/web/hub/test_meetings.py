"""Meetings of the whole ward on the pages of the hub: planned, opened, led; what the houses are
told; how a browser reaches the media server."""

import asyncio
import re
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from websockets.asyncio.client import connect

from base.latest import Latest
from config.media_server import MediaServerSection
from config.settings import WebSection
from tests.web.hub.media_server import Signalled
from ward.accounts import AccountRole
from web.hub.meeting_lines import MeetingLines
from web.language import VIETNAM
from web.link.house import Hub, authorization
from web.link.messages import Hello, Summary, encode
from web.link.ward_meeting import TellWardMeeting, WardMeetingSummary
from web.server import WebServer

TITLE = "Họp toàn phường về thoát nước"
SDP = {"Content-Type": "application/sdp"}
JSON = {"Accept": "application/json"}


@pytest.fixture
async def media():
    media = Signalled()
    server = WebServer(media.app(), WebSection())
    _, port = server.bind(0)
    serving = asyncio.create_task(server.run())
    await asyncio.wait_for(server.started.wait(), 30)
    media.url = f"http://127.0.0.1:{port}"
    yield media
    serving.cancel()
    with suppress(asyncio.CancelledError):
        await serving


@pytest.fixture
async def hub(start_hub, media, tmp_path):
    for name in ("publish", "watch"):
        (tmp_path / name).write_text(f"{name}-token\n")
    return await start_hub(
        media_server=MediaServerSection(
            whip_url=f"{media.url}/whip/{{stream}}",
            whep_url=f"{media.url}/whep/{{stream}}",
            publish_token_file=tmp_path / "publish",
            watch_token_file=tmp_path / "watch",
        )
    )


@pytest.fixture
async def houses(hub):
    """Two that are linked, as far as the database goes."""
    for number in (3, 5):
        code = await hub.site.houses.invite(f"to-{number}", f"Nhà văn hóa Tổ dân phố {number}")
        await hub.site.houses.enrol(code)
        await hub.site.houses.linked(f"to-{number}", "here")
    await hub.site.houses.invite("to-9", "Nhà văn hóa chưa ghi danh")
    return hub.site.houses


@pytest.fixture
async def hoa(hub, houses):
    return await hub.client_as(AccountRole.OFFICIAL, "Trần Thị Hoa")


def form(*wanted, **fields):
    local = datetime.now(UTC).astimezone(VIETNAM) + timedelta(days=2)
    typed = {"title": TITLE, "day": f"{local:%Y-%m-%d}", "time": "19:30", "minutes": "90"}
    return typed | {"house": list(wanted or ("all",))} | fields


async def planned(client, *wanted):
    answer = await client.post("/meetings", data=form(*wanted))
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].rpartition("/")[2]


async def opened(client, *wanted):
    meeting_id = await planned(client, *wanted)
    answer = await client.post(f"/meetings/{meeting_id}/open")
    assert answer.headers["location"] == f"/meetings/{meeting_id}"
    return meeting_id


async def says(hub, house_id, meeting_id, **part):
    """What a house tells of itself through its link."""
    told = WardMeetingSummary(meeting_id, **{"joined": True, "condition": "working"} | part)
    summary = Summary("live", "Họp tổ", 0, 0, ward_meeting=told)
    await hub.site.houses.seen(house_id, "here", str(encode(summary)))
    await hub.site.meetings.heard(house_id, meeting_id, joined=told.joined, hand=told.hand)


def states(page):
    rows = re.findall(
        r'data-value="house" data-code="([^"]+)".*?data-value="house-state" data-code="(\w+)"',
        page,
        re.DOTALL,
    )
    return dict(rows)


async def test_it_is_planned_with_all_houses_that_have_a_machine(hub, hoa):
    meeting_id = await planned(hoa)
    page = (await hoa.get(f"/meetings/{meeting_id}")).text
    assert page.count('data-value="plan-state" data-code="proposed"') == 2
    assert "chưa ghi danh" not in page and 'data-action="open-ward-meeting"' in page
    assert TITLE in (await hoa.get("/houses/to-5")).text
    assert TITLE in (await hoa.get("/meetings")).text


async def test_what_one_house_does_not_take_stands_beside_its_name(hub, hoa):
    starts = (await planned(hoa, "to-5"), (await hub.site.meetings.current())[0].starts)[1]
    await hub.site.plans.plan("to-3", "Của tổ", starts + timedelta(hours=4), 60, by="Bà Tư")
    answer = await hoa.post("/meetings", data=form("to-3", time="23:30"))
    page = (await hoa.get(answer.headers["location"])).text
    assert 'data-code="refused"' in page and 'data-code="schedule.clash"' in page


async def test_it_is_changed_and_cancelled(hub, hoa):
    meeting_id = await planned(hoa, "to-3", "to-5")
    edit = (await hoa.get(f"/meetings/{meeting_id}/plan")).text
    assert edit.count(" checked") == 2 and f'value="{TITLE}"' in edit
    await hoa.post(f"/meetings/{meeting_id}/plan", data=form("to-3", title="Đổi"))
    page = (await hoa.get(f"/meetings/{meeting_id}")).text
    assert "Đổi" in page and "Tổ dân phố 5" not in page
    await hoa.post(f"/meetings/{meeting_id}/cancel")
    assert 'data-code="cancelled"' in (await hoa.get("/meetings")).text
    assert await hub.site.plans.coming("to-3") == ()


async def test_what_is_wrong_stands_above_the_form(hoa):
    answer = await hoa.post("/meetings", data=form("to-3", day="2020-01-01"))
    assert answer.status_code == 409 and 'data-code="schedule.past"' in answer.text
    assert 'value="to-3" data-action="choose-house" checked' in answer.text
    typed = form() | {"house": []}
    answer = await hoa.post("/meetings", data=typed)
    assert answer.status_code == 422 and 'data-code="gathering.no_house"' in answer.text
    assert (await hoa.get("/meetings/nix")).status_code == 404


async def test_the_houses_are_shown_in_words_and_the_hands_in_order(hub, hoa):
    meeting_id = await opened(hoa)
    await says(hub, "to-5", meeting_id, hand=True)
    await says(hub, "to-3", meeting_id, condition="failed", cause="link.no_answer")
    page = (await hoa.get(f"/meetings/{meeting_id}")).text
    assert states(page) == {"to-5": "hand", "to-3": "trouble"}
    assert 'data-code="link.no_answer"' in page
    await hoa.post(f"/meetings/{meeting_id}/floor", data={"house": "to-5"}, headers=JSON)
    page = (await hoa.get(f"/meetings/{meeting_id}")).text
    assert states(page)["to-5"] == "floor" and 'data-action="take-floor-back"' in page
    assert page.count('data-action="give-floor"') == 1
    await hoa.post(f"/meetings/{meeting_id}/floor-back", headers=JSON)
    await says(hub, "to-5", meeting_id, joined=False)
    await hub.site.houses.away("to-3", "here")
    page = (await hoa.get(f"/meetings/{meeting_id}")).text
    assert states(page) == {"to-5": "invited", "to-3": "away"}
    assert 'data-action="give-floor"' not in page


async def test_another_official_watches_and_takes_over(hub, hoa):
    meeting_id = await opened(hoa)
    chief = await hub.client_as(AccountRole.ADMIN, "Lê Văn Bình")
    page = (await chief.get(f"/meetings/{meeting_id}")).text
    assert 'data-speaks="no"' in page and 'data-action="end-ward-meeting"' not in page
    refused = await chief.post(f"/meetings/{meeting_id}/end", headers=JSON)
    assert (refused.status_code, refused.json()["code"]) == (403, "gathering.not_speaker")
    await chief.post(f"/meetings/{meeting_id}/speak")
    assert 'data-speaks="yes"' in (await chief.get(f"/meetings/{meeting_id}")).text
    assert 'data-speaks="no"' in (await hoa.get(f"/meetings/{meeting_id}")).text
    await chief.post(f"/meetings/{meeting_id}/end")
    page = (await hoa.get(f"/meetings/{meeting_id}")).text
    assert 'data-value="meeting-state" data-code="over"' in page
    assert 'data-code="speak"' in page, "who did what"


@pytest.mark.parametrize("role", [AccountRole.HANDLER, AccountRole.TECHNICIAN])
async def test_who_has_no_part_in_meetings_sees_none(hub, hoa, role):
    meeting_id = await planned(hoa)
    client = await hub.client_as(role)
    for path in ("/meetings", "/meetings/plan", f"/meetings/{meeting_id}"):
        assert (await client.get(path)).status_code == 403
    for path in ("", f"/{meeting_id}/open", f"/{meeting_id}/whip", f"/{meeting_id}/whep/ward"):
        assert (await client.post(f"/meetings{path}", data=form())).status_code == 403


async def test_without_a_media_server_it_is_planned_and_not_opened(start_hub):
    hub = await start_hub()
    await hub.site.houses.enrol(await hub.site.houses.invite("to-5", "Tổ 5"))
    client = await hub.client_as(AccountRole.OFFICIAL)
    meeting_id = await planned(client)
    page = (await client.get(f"/meetings/{meeting_id}")).text
    assert "gathering.no_media_server" in page and "open-ward-meeting" not in page
    assert (await client.post(f"/meetings/{meeting_id}/open")).status_code == 409


# What the houses are told


async def test_a_house_is_told_through_its_link_and_what_it_says_is_shown(hub, hoa, link_house):
    heard = asyncio.Queue()
    linked = await link_house(hub, "to-7", ward_meeting=heard.put_nowait)

    async def told(state):
        async with asyncio.timeout(40):
            while (word := await heard.get()) is None or word.state != state:
                pass
        return word

    meeting_id = await planned(hoa, "to-3", "to-7")
    word = await told("planned")
    assert (word.id, word.title, word.publish) == (meeting_id, TITLE, None)
    assert word.plan == (await hub.site.meetings.find(meeting_id)).house("to-7").plan_id
    await hoa.post(f"/meetings/{meeting_id}/open")
    word = await told("open")
    assert word.publish.url.endswith(f"/whip/{meeting_id}-to-7")
    assert word.publish.token == "publish-token"
    assert word.ward.url.endswith(f"/whep/{meeting_id}-ward") and word.ward.token == "watch-token"
    assert (word.floor, word.called) == (None, False)
    await hoa.post(f"/meetings/{meeting_id}/floor", data={"house": "to-3"})
    word = await told("open")
    assert word.floor.name == "Nhà văn hóa Tổ dân phố 3" and not word.called
    assert word.floor.url.endswith(f"/whep/{meeting_id}-to-3")
    await hoa.post(f"/meetings/{meeting_id}/floor", data={"house": "to-7"})
    assert (await told("open")).called
    await hoa.post(f"/meetings/{meeting_id}/end")
    async with asyncio.timeout(40):
        while await heard.get() is not None:
            pass
    await linked.hang_up()


async def test_what_a_house_says_through_its_link_counts(hub, hoa):
    meeting_id = await opened(hoa)
    _, key = await hub.site.houses.enrol(await hub.site.houses.invite_again("to-5"))
    address = re.sub("^http", "ws", hub.url) + "/link"
    house = Hub(address, "to-5", key)
    async with connect(address, additional_headers=authorization(house), proxy=None) as link:
        await link.send(encode(Hello()))
        part = WardMeetingSummary(meeting_id, joined=True, hand=True, condition="working")
        await link.send(encode(Summary("live", "Họp tổ", 0, 0, ward_meeting=part)))
        async with asyncio.timeout(40):
            while not (await hub.site.meetings.find(meeting_id)).hands:
                await asyncio.sleep(0.05)
        page = (await hoa.get(f"/meetings/{meeting_id}")).text
        assert states(page)["to-5"] == "hand"


async def test_a_house_is_told_nothing_before_the_database_was_read(hub):
    """A null would send it out of the meeting that it is in."""
    current, wanted = Latest(None), Latest(None)
    telling = asyncio.create_task(
        MeetingLines(hub.site.meetings, current, None).tell("to-5", wanted)
    )
    await asyncio.sleep(0.05)
    assert wanted.value is None
    current.set(())
    async with asyncio.timeout(40):
        async for word in wanted.changes():
            if word is not None:
                break
    assert word == TellWardMeeting(None)
    telling.cancel()


# The media server behind the hub


async def test_only_who_speaks_publishes_and_the_tokens_stay_at_the_hub(hub, hoa, media):
    meeting_id = await opened(hoa)
    answer = await hoa.post(f"/meetings/{meeting_id}/whip", content="v=0", headers=SDP)
    assert (answer.status_code, answer.text) == (201, f"v=0 whip {meeting_id}-ward")
    assert media.asked == [("POST", f"/whip/{meeting_id}-ward", "publish-token")]
    assert "token" not in answer.headers["location"]
    chief = await hub.client_as(AccountRole.ADMIN, "Lê Văn Bình")
    refused = await chief.post(f"/meetings/{meeting_id}/whip", content="v=0", headers=SDP | JSON)
    assert refused.json()["code"] == "gathering.not_speaker"
    answer = await chief.post(f"/meetings/{meeting_id}/whep/ward", content="v=0", headers=SDP)
    assert answer.status_code == 201
    ended = await chief.delete(answer.headers["location"])
    assert ended.status_code == 200
    assert media.asked[-1] == ("DELETE", f"/whep/of-{meeting_id}-ward", "watch-token")


async def test_whoever_takes_over_ends_what_was_published_before(hub, hoa, media):
    meeting_id = await opened(hoa)
    await hoa.post(f"/meetings/{meeting_id}/whip", content="v=0", headers=SDP)
    chief = await hub.client_as(AccountRole.ADMIN, "Lê Văn Bình")
    await chief.post(f"/meetings/{meeting_id}/speak")
    answer = await chief.post(f"/meetings/{meeting_id}/whip", content="v=0", headers=SDP)
    assert answer.status_code == 201
    assert media.asked[1:] == [
        ("DELETE", f"/whip/of-{meeting_id}-ward", "publish-token"),
        ("POST", f"/whip/{meeting_id}-ward", "publish-token"),
    ]


async def test_a_page_whose_line_was_lost_does_not_push_out_a_newer_one(hub, hoa, media):
    meeting_id = await opened(hoa)
    place = f"/meetings/{meeting_id}/whip"

    async def mark(query=""):
        answer = await hoa.post(place + query, content="v=0", headers=SDP | JSON)
        if answer.status_code != 201:
            return answer.json()["code"]
        return answer.headers["location"].split("/")[4]

    first = await mark()
    again = await mark(f"?after={first}")
    newer = await mark()
    assert await mark(f"?after={again}") == "gathering.elsewhere"
    assert await mark(f"?after={newer}") not in {first, again, newer}


async def test_a_server_that_offers_by_itself_is_answered(hub, hoa, media):
    meeting_id = await opened(hoa)
    watch = f"/meetings/{meeting_id}/whep/to-5"
    nobody = await hoa.post(watch, content="v=0", headers=SDP | JSON)
    assert (nobody.status_code, nobody.json()["code"]) == (404, "mediaserver.nobody")
    media.published.append(f"{meeting_id}-to-5")
    media.offers = True
    offered = await hoa.post(watch, content="v=0", headers=SDP)
    assert (offered.status_code, offered.text) == (406, f"v=0 whep {meeting_id}-to-5")
    answer = await hoa.patch(offered.headers["location"], content="v=0", headers=SDP)
    assert answer.status_code == 204
    assert media.asked[-1] == ("PATCH", f"/whep/of-{meeting_id}-to-5", "watch-token")


async def test_what_is_wrong_with_the_media_server_is_said_in_words(hub, hoa, media):
    meeting_id = await opened(hoa)
    for url, code in (
        (media.url.replace("http", "https"), "no_answer"),
        (f"{media.url}/nix", "nobody"),
    ):
        server = replace(hub.site.media, whep_url=f"{url}/{{stream}}/x")
        object.__setattr__(hub.site, "media", server)
        answer = await hoa.post(
            f"/meetings/{meeting_id}/whep/ward", content="v=0", headers=SDP | JSON
        )
        assert answer.json()["code"] == f"mediaserver.{code}"


@pytest.mark.parametrize("who", ["to-9", "nix"])
async def test_nobody_watches_whoever_does_not_take_part(hub, hoa, who):
    meeting_id = await opened(hoa)
    assert (await hoa.post(f"/meetings/{meeting_id}/whep/{who}")).status_code == 404


async def test_the_address_of_a_session_cannot_be_made_up(hub, hoa):
    meeting_id = await opened(hoa)
    for part in ("whip", "whep"):
        forged = hub.site.tokens.sign("media-session", f"http://127.0.0.1:9/{part}")
        answer = await hoa.delete(f"/meetings/{meeting_id}/{part}/x/{forged}")
        assert answer.status_code == 404


async def test_no_house_is_called_as_the_officials_stream(admin):
    answer = await admin.post("/houses", data={"id": "ward", "name": "Tổ"})
    assert 'data-code="ward.house_id_reserved"' in answer.text

import asyncio
from datetime import UTC, datetime

import pytest
from axe_playwright_python.async_playwright import Axe

from rooms.films import store
from rooms.films.archive import FINISHED
from rooms.films.finish import finish
from rooms.films.store import FilmView, Mark, MarkKind
from rooms.view import Filmed, FilmState, Phase, Role
from tests.rooms.films.test_film import filmed

FILM = "0a1b-01"


@pytest.fixture
async def film(house):
    """Three seconds, with two chapters."""
    folder = house.site.room.films.folder
    folder.mkdir()
    filmed(folder / f"{FILM}.mp4")
    chapters = [Mark(0.0, MarkKind.HALL, ""), Mark(1.5, MarkKind.QUESTION, "1. Đèn <hỏng>?")]
    finished = folder / f"{FILM}{FINISHED}"
    seconds = finish(folder / f"{FILM}.mp4", finished, [])
    began = datetime(2026, 11, 20, 12, 30, tzinfo=UTC)
    view = FilmView(FILM, "0a1b", 1, "Họp quý IV", began, None, None, False, True)
    await house.database.write(lambda c: store.add(c, view))
    for mark in chapters:
        await house.database.write(lambda c, mark=mark: store.mark(c, FILM, mark))
    size = finished.stat().st_size
    await house.database.write(lambda c: store.finish(c, FILM, seconds, size))
    return finished


async def test_it_is_listed_played_in_parts_and_saved(house, film):
    leader = await house.client_as(Role.LEADER)
    assert "Họp quý IV" in (await leader.get("/films")).text
    page = (await leader.get(f"/films/{FILM}")).text
    assert f"/films/{FILM}/film.mp4#t=1.5" in page
    whole = await leader.get(f"/films/{FILM}/film.mp4")
    assert whole.content == film.read_bytes()
    part = await leader.get(f"/films/{FILM}/film.mp4", headers={"Range": "bytes=100-199"})
    assert part.status_code == 206
    assert part.content == film.read_bytes()[100:200]
    saved = await leader.get(f"/films/{FILM}/film.mp4?save")
    assert "2026-11-20" in saved.headers["Content-Disposition"]
    chapters = (await leader.get(f"/films/{FILM}/chapters.vtt")).text
    assert chapters.startswith("WEBVTT\n\n00:00:00.000 --> 00:00:01.500\nHội trường\n")
    assert "00:00:01.500 --> 00:00:0" in chapters
    assert "1. Đèn &lt;hỏng&gt;?" in chapters


@pytest.mark.parametrize("role", [None, Role.TECHNICIAN, Role.STAGE])
async def test_nobody_else_sees_it(house, film, role):
    client = house.client() if role is None else await house.client_as(role)
    for path in ("", f"/{FILM}", f"/{FILM}/film.mp4", f"/{FILM}/chapters.vtt"):
        answer = await client.get(f"/films{path}")
        assert answer.status_code in (303, 401, 403), path


async def test_deleting_asks_once_more_and_the_secretary_cannot(house, film):
    secretary = await house.client_as(Role.SECRETARY)
    assert "ask-delete-film" not in (await secretary.get(f"/films/{FILM}")).text
    await secretary.post(f"/films/{FILM}/delete", data={"sure": "yes"})
    assert film.exists()
    leader = await house.client_as(Role.LEADER)
    asked = await leader.post(f"/films/{FILM}/delete")
    assert asked.headers["Location"].endswith("?delete")
    assert "Xóa hẳn" in (await leader.get(asked.headers["Location"])).text
    assert film.exists()
    await leader.post(f"/films/{FILM}/delete", data={"sure": "yes"})
    assert not film.exists()
    assert (await leader.get(f"/films/{FILM}")).status_code == 404


async def test_everybody_is_told_that_it_is_recorded(house):
    house.shows(phase=Phase.LIVE, film=FilmState(Filmed.YES, True, True))
    stage = await house.client_as(Role.STAGE)
    assert "Đang ghi hình, ghi âm" in (await stage.get("/stage")).text
    leader = await house.client_as(Role.LEADER)
    assert 'data-action="pause-film"' in (await leader.get("/panel/picture")).text
    house.shows(phase=Phase.LIVE, film=FilmState(Filmed.PAUSED))
    assert "Đang tạm ngừng ghi" in (await stage.get("/stage")).text
    house.shows(phase=Phase.LIVE, film=FilmState())
    assert 'data-value="filmed"' not in (await stage.get("/stage")).text


async def test_it_is_played_and_searched_in_a_browser(house, film, browser):
    context = await browser.new_context(viewport={"width": 360, "height": 740})
    page = await context.new_page()
    await context.request.get(house.open_link(Role.LEADER), max_redirects=0)
    await page.goto(f"{house.url}/films")
    assert (await Axe().run(page)).violations_count == 0
    await page.click("[data-action=open-film]")
    video = page.locator("video.film")
    await video.wait_for()
    assert (await Axe().run(page)).violations_count == 0
    await video.evaluate("(film) => { film.muted = true; film.currentTime = 2; film.play(); }")
    async with asyncio.timeout(30):
        while await video.evaluate("(film) => film.currentTime") < 2.2:
            await asyncio.sleep(0.05)
    assert await video.evaluate("(film) => film.videoWidth") == 320
    assert await video.evaluate("(film) => film.duration") == pytest.approx(3, abs=0.2)
    await context.close()

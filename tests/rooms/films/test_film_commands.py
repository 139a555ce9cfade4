import asyncio
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from base.cause import Refused
from rooms.film_commands import chapter
from rooms.films.filming import Filming
from rooms.films.store import Mark, MarkKind
from rooms.shown import Floor, FloorKind
from rooms.view import Filmed, Phase
from tests.rooms.films.coded import tone
from tests.rooms.films.test_film import filmed


@pytest.fixture
async def filmed_house(house):  # type: ignore[no-untyped-def]
    """A house that records sound, of which there is some."""
    ears = []

    def add_ear(ear):  # type: ignore[no-untyped-def]
        ears.append(ear)
        return lambda: ears.remove(ear)

    async def speak() -> None:
        while True:
            for ear in tuple(ears):
                ear(tone(0.02))
            await asyncio.sleep(0.02)

    await house.stop()
    house.filming = Filming(house.folder / "films", None, add_ear)
    await house.begin()
    speaking = asyncio.create_task(speak())
    yield house
    speaking.cancel()


async def running(house) -> str:  # type: ignore[no-untyped-def]
    """The film under way, once it is written down."""
    await house.until(lambda view: view.film.running)
    film = str(house.room.film_under_way())
    await listed(house, film)
    return film


async def listed(house, film: str) -> None:  # type: ignore[no-untyped-def]
    async with house.patience():
        while film not in [one.id for one in await house.room.films.films()]:
            await asyncio.sleep(0.05)


async def marked(house, film: str, count: int) -> Sequence[Mark]:  # type: ignore[no-untyped-def]
    async with house.patience():
        while True:
            _, marks = await house.room.films.film(film)
            if len(marks) == count:
                return marks
            await asyncio.sleep(0.05)


async def test_it_is_recorded_from_the_tap_to_the_end_of_the_meeting_and_finished_then(
    filmed_house,  # type: ignore[no-untyped-def]
) -> None:
    house = filmed_house
    await house.live()
    assert house.view.film.wanted is Filmed.NO
    await house.room.film(house.leader, Filmed.YES)
    film = await running(house)
    await house.room.set_title(house.leader, "Họp quý IV")
    await house.ended()
    assert house.view.film.wanted is Filmed.NO
    async with house.patience():
        while not (found := await house.room.films.films()) or not found[0].finished:
            await asyncio.sleep(0.05)
    assert [one.id for one in found] == [film]
    assert found[0].meeting_id in film
    assert not found[0].has_picture
    path = house.room.films.path_of(found[0])
    assert path.exists()
    assert [left.name for left in path.parent.iterdir()] == [path.name]


async def test_muted_paused_and_closed_nothing_is_recorded(filmed_house) -> None:  # type: ignore[no-untyped-def]
    house = filmed_house
    await house.live()
    await house.room.film(house.leader, Filmed.YES)
    first = await running(house)
    await house.room.mute_hall(house.leader, True)
    await house.until(lambda view: not view.film.running)
    await house.room.mute_hall(house.leader, False)
    second = await running(house)
    assert second != first
    await house.room.film(house.leader, Filmed.PAUSED)
    await house.until(lambda view: not view.film.running)
    assert house.view.film.wanted is Filmed.PAUSED


async def test_it_goes_on_after_a_power_cut_with_another_film_and_none_is_lost(
    filmed_house,  # type: ignore[no-untyped-def]
) -> None:
    house = filmed_house
    await house.live()
    await house.room.film(house.leader, Filmed.YES)
    first = await running(house)
    await house.restart(seconds=30)
    second = await running(house)
    assert second != first
    await listed(house, first)


async def test_what_a_power_cut_left_unwritten_is_found_and_what_it_left_behind_goes(house) -> None:  # type: ignore[no-untyped-def]
    archive = house.room.films  # nobody else looks after them: this house records nothing
    archive.folder.mkdir(exist_ok=True)
    filmed(archive.folder / "0a-01.mp4", 1.0)
    await archive.adopt(running=None)
    (found,) = await archive.films()
    assert (found.id, found.meeting_id, found.number, found.finished) == ("0a-01", "0a", 1, False)
    assert await archive.finish_next(chapter, running=None)
    (found,) = await archive.films()
    assert found.finished
    assert found.seconds == pytest.approx(1.0, abs=0.2)
    (archive.folder / "0a-01.mp4").write_bytes(b"left behind")
    await archive.adopt(running=None)
    assert [path.name for path in archive.folder.iterdir()] == ["0a-01.film.mp4"]


async def test_chapters_are_who_speaks_and_what_is_asked(filmed_house) -> None:  # type: ignore[no-untyped-def]
    house = filmed_house
    await house.live()
    await house.room.film(house.leader, Filmed.YES)
    film = await running(house)
    await marked(house, film, 1)
    guest = await house.guest("Bà Chi", camera=True)
    await house.room.give_floor(house.leader, Floor(FloorKind.CAMERA, guest))
    await marked(house, film, 2)
    receipt = await house.ask("Bao giờ sửa đèn đường?")
    await house.room.approve_question(house.leader, receipt.question_id)
    await house.room.show_question(house.leader, receipt.question_id)
    marks = await marked(house, film, 3)
    assert [mark.kind for mark in marks] == [MarkKind.HALL, MarkKind.GUEST, MarkKind.QUESTION]
    assert marks[0].seconds == 0.0
    assert [chapter(mark) for mark in marks] == [
        "Hội trường",
        "Bà Chi",
        "1. Bao giờ sửa đèn đường?",
    ]


async def test_what_was_kept_long_enough_goes_and_the_rest_stays(filmed_house) -> None:  # type: ignore[no-untyped-def]
    house = filmed_house
    await house.live()
    await house.room.film(house.leader, Filmed.YES)
    film = await running(house)
    await house.ended()
    await house.until(lambda view: view.phase is Phase.IDLE and not view.film.running)
    await house.room.films.tidy(running=None)
    assert [one.id for one in await house.room.films.films()] == [film]
    house.time.wall += timedelta(days=house.settings.recording.keep_days + 1)
    await house.room.films.tidy(running=None)
    assert await house.room.films.films() == []
    assert list((house.folder / "films").iterdir()) == []


async def test_the_oldest_goes_where_all_of_them_take_too_much(house, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    archive = house.room.films
    archive.folder.mkdir(exist_ok=True)
    for number in (1, 2, 3):
        path = archive.folder / f"0a-0{number}.mp4"
        filmed(path, 0.4)
        os.utime(path, (1_700_000_000 + number, 1_700_000_000 + number))
    house.time.wall = datetime.fromtimestamp(1_700_000_100, UTC)
    await archive.adopt(running=None)
    room = 2.5 * path.stat().st_size
    monkeypatch.setattr("rooms.films.archive.GIGABYTE", room / house.settings.recording.most_gb)
    await archive.tidy(running=None)
    assert [film.id for film in await archive.films()] == ["0a-03", "0a-02"]
    assert not (archive.folder / "0a-01.mp4").exists()


async def test_the_leader_alone_deletes_and_never_the_one_under_way(filmed_house) -> None:  # type: ignore[no-untyped-def]
    house = filmed_house
    await house.live()
    await house.room.film(house.secretary, Filmed.YES)
    film = await running(house)
    with pytest.raises(Refused, match=r"film\.running"):
        await house.room.delete_film(house.leader, film)
    await house.room.film(house.secretary, Filmed.NO)
    await house.until(lambda view: not view.film.running)
    with pytest.raises(Refused, match="not_your_part"):
        await house.room.delete_film(house.secretary, film)
    await house.room.delete_film(house.leader, film)
    assert await house.room.films.films() == []


async def test_no_film_begins_where_the_disk_is_nearly_full(filmed_house, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    house = filmed_house
    await house.live()
    monkeypatch.setattr("rooms.films.archive.GIGABYTE", 1 << 60)
    with pytest.raises(Refused, match=r"film\.disk_full"):
        await house.room.film(house.leader, Filmed.YES)
    assert house.view.film.wanted is Filmed.NO


async def test_a_house_that_records_nothing_says_so(house) -> None:  # type: ignore[no-untyped-def]
    await house.live()
    assert house.view.film is None
    with pytest.raises(Refused, match=r"film\.not_here"):
        await house.room.film(house.leader, Filmed.YES)

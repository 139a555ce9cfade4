"""One tap asks for help; what becomes of it is told, and a second tap is no second call."""

from sqlalchemy import select

from feedback.tables import outbox
from rooms.help_commands import HELP, LATE


async def parcels(house):

    query = select(outbox.c.body).where(outbox.c.kind == HELP)
    return await house.database.read(lambda c: list(c.execute(query).scalars()))


async def linked(house):
    await house.stop()
    house.linked = True
    await house.begin()


async def test_one_call_however_often_it_is_tapped(house):
    await linked(house)
    for _ in range(5):
        await house.room.ask_for_help(house.leader, "Máy chiếu không trả lời.")
        house.time.pass_(seconds=10)
    assert len(await parcels(house)) == 1
    assert house.view.help.code == "sending"
    first = house.view.help.id
    await house.room.help_standing({"id": first, "who": ""})
    assert (await house.until(lambda view: view.help.sent)).help.code == "sent"
    await house.room.help_standing({"id": first, "who": "Anh Tuấn"})
    view = await house.until(lambda view: view.help.taken_by)
    assert (view.help.taken_by, view.help.taken_at) == ("Anh Tuấn", house.time.wall)
    await house.restart(minutes=1)
    assert house.view.help.taken_by == "Anh Tuấn"
    await house.room.ask_for_help(house.leader, "Vẫn chưa được.")
    assert len(await parcels(house)) == 2
    await house.room.help_standing({"id": first, "who": "Người khác"})
    assert house.view.help.code == "sending", "that was the one before"


async def test_without_anybody_to_ask_it_is_said_at_once(house):
    await house.room.ask_for_help(house.leader, "Loa không kêu.")
    assert house.view.help.code == "nobody"


async def test_what_does_not_arrive_is_late(house):
    await linked(house)
    await house.room.ask_for_help(house.leader, "Loa không kêu.")
    house.time.pass_(seconds=LATE.total_seconds())
    await house.until(lambda view: view.help.code == "late")
    await house.room.help_sent(house.view.help.id)
    await house.until(lambda view: view.help.code == "sent")
    house.time.pass_(minutes=13 * 60)
    await house.until(lambda view: view.help is None)


async def test_quiet_ends_by_itself_and_outlives_a_restart(house, refused):
    async with refused("room.not_your_part"):
        await house.room.be_quiet(house.leader, True)
    await house.room.be_quiet(house.technician, True)
    await house.restart(minutes=30)
    assert house.view.quiet.by == "Kỹ thuật"
    house.time.pass_(minutes=31)
    await house.until(lambda view: view.quiet is None)
    await house.room.be_quiet(house.technician, True)
    await house.room.be_quiet(house.technician, False)
    assert house.view.quiet is None


async def test_nonsense_from_the_hub_changes_nothing(house):
    for body in ({}, {"id": 1, "who": []}, {"id": "x", "who": "y"}):
        await house.room.help_standing(body)
    assert house.view.help is None

import asyncio
from datetime import timedelta

from rooms.view import Presence, Role


async def test_through_the_lobby(house):
    await house.live()
    guest = await house.guest("Bà Chi", lobby=True, microphone=True)
    shown = house.shown(guest)
    assert (shown.name, shown.role, shown.presence) == ("Bà Chi", Role.OFFICIAL, Presence.LOBBY)
    assert not house.media.heard[guest]
    await house.room.admit(house.leader, guest)
    assert house.shown(guest).presence is Presence.CONNECTED
    assert house.media.heard[guest]


async def test_without_a_lobby_he_is_in(house):
    await house.live()
    guest = await house.guest(connected=False)
    assert house.shown(guest).presence is Presence.ADMITTED


async def test_before_the_meeting_he_waits_and_is_not_heard(house):
    guest = await house.guest(microphone=True)
    assert not house.media.heard[guest]
    await house.live()
    assert house.media.heard[guest]
    assert house.shown(guest).presence is Presence.CONNECTED


async def test_the_lobby_is_shown_first_in_order_of_arrival(house):
    await house.live()
    one, two, three, four = [
        await house.guest(name, lobby=lobby, connected=False)
        for name, lobby in (("Một", False), ("Hai", True), ("Ba", False), ("Bốn", True))
    ]
    assert [guest.id for guest in house.view.guests] == [two, four, one, three]


async def test_names_are_cleaned_and_may_be_alike(house, refused):
    await house.live()
    first = await house.guest("  Nguye\u0302\u0303n\tVăn\x00 <b>An</b>\n")
    second = await house.guest("Nguyễn Văn <b>An</b>")
    assert house.shown(first).name == house.shown(second).name == "Nguyễn Văn <b>An</b>"
    assert first != second
    async with refused("room.name_missing"):
        await house.guest(" \x00 ")
    async with refused("room.name_too_long"):
        await house.guest("N" * 81)


async def test_an_empty_name_is_that_of_the_invitation(house):
    await house.live()
    invitation = await house.room.create_invitation(
        house.leader,
        Role.OFFICIAL,
        " Ông Phó\nchủ tịch ",
        expires=house.time.wall + timedelta(hours=1),
        lobby=True,
    )
    guest = await house.room.enter(invitation.id, "")
    assert house.shown(guest).name == "Ông Phó chủ tịch"


async def test_forty_come_in_and_no_more(house, refused):
    await house.live()
    invitation = await house.invite()
    guests = await asyncio.gather(*(house.room.enter(invitation.id, "X") for _ in range(40)))
    async with refused("room.full"):
        await house.room.enter(invitation.id, "X")
    await house.room.leave(guests[0])
    await house.room.enter(invitation.id, "X")


async def test_a_lost_line_keeps_his_place(house):
    await house.live()
    guest = await house.guest(hand=True)
    await house.disconnect(guest)
    assert house.shown(guest).presence is Presence.ADMITTED
    await house.room.guest_away(guest)
    assert house.shown(guest).presence is Presence.AWAY
    house.time.pass_(minutes=14)
    await house.ticks()
    assert house.shown(guest).hand_raised
    await house.room.come_back(guest, 1)
    assert house.shown(guest).presence is Presence.ADMITTED


async def test_an_old_token_is_worth_nothing_once_a_newer_one_was_shown(house, refused):
    await house.live()
    guest = await house.guest(connected=False, microphone=True)
    await house.room.come_back(guest, 1)
    await house.room.come_back(guest, 1)  # the page never heard the answer
    await house.room.come_back(guest, 2)
    await house.room.guest_away(guest)
    async with refused("room.resume_used"):
        await house.room.come_back(guest, 1)
    assert house.shown(guest).presence is Presence.AWAY
    await house.restart()
    async with refused("room.resume_used"):
        await house.room.come_back(guest, 1)
    assert house.room.next_turn(guest) == 3
    await house.room.come_back(guest, 2)
    assert house.shown(guest).microphone


async def test_hands_keep_their_order_over_a_lost_line_and_a_restart(house):
    await house.live()
    first, second = await house.guest(), await house.guest()
    await house.room.set_guest(first, hand=True)
    await house.room.set_guest(second, hand=True)
    await house.disconnect(first)
    await house.room.guest_away(first)
    await house.restart()
    await house.room.come_back(second, 1)
    await house.room.come_back(first, 1)
    # what its page says after each return: the hand is up, as it was
    await house.room.set_guest(first, hand=True)
    assert house.shown(first).hand_position == 1
    assert house.shown(second).hand_position == 2


async def test_the_hall_waits_two_minutes_for_whoever_lost_his_line(house):
    await house.live()
    guest = await house.guest()
    await house.disconnect(guest)
    await house.room.guest_away(guest)
    house.time.pass_(119)
    await house.ticks()
    assert house.shown(guest).awaited
    house.time.pass_(1)
    view = await house.until(lambda view: not view.guests[0].awaited)
    assert view.guests[0].presence is Presence.AWAY


async def test_who_is_away_for_long_takes_no_place_and_returns_to_his_own(house, refused):
    await house.live()
    invitation = await house.invite(lobby=True, personal=True)
    guest = await house.room.enter(invitation.id, "Bà Chi", "a" * 32)
    other = await house.guest("Ông Nam", connected=False)
    await house.room.admit(house.leader, guest)
    for going in (guest, other):
        await house.room.set_guest(going, microphone=True)
        await house.room.guest_away(going)
    house.time.pass_(minutes=15)
    await house.until(lambda view: view.guests == ())
    await house.restart()
    assert house.view.guests == ()

    # by his link, as whom the leader has let in already; or by his resume token
    assert await house.room.enter(invitation.id, "", "a" * 32) == guest
    await house.room.come_back(other, 1)
    for back in (guest, other):
        assert house.shown(back).presence is Presence.ADMITTED
        assert house.shown(back).microphone

    await house.room.guest_away(guest)
    house.time.pass_(minutes=15)
    await house.until(lambda view: guest not in {g.id for g in view.guests})
    await house.room.revoke_invitation(house.leader, invitation.id)
    async with refused("invitation.revoked"):
        await house.room.come_back(guest, 1)


async def test_a_full_meeting_takes_nobody_back_who_was_away_for_long(house, refused):
    await house.live()
    guest = await house.guest(connected=False)
    await house.room.guest_away(guest)
    house.time.pass_(minutes=15)
    await house.until(lambda view: view.guests == ())
    invitation = await house.invite()
    await asyncio.gather(*(house.room.enter(invitation.id, "X") for _ in range(40)))
    async with refused("room.full"):
        await house.room.come_back(guest, 1)


async def test_a_place_in_the_lobby_is_kept_for_two_minutes(house, refused):
    await house.live()
    returns = await house.guest("Về", lobby=True, connected=False)
    stays_away = await house.guest("Đi", lobby=True, connected=False)
    stays = await house.guest("Ở", lobby=True, connected=False)
    await house.room.guest_away(returns)
    await house.room.guest_away(stays_away)
    house.time.pass_(119)
    await house.ticks()
    assert house.shown(stays_away).presence is Presence.LOBBY
    await house.room.come_back(returns, 1)
    house.time.pass_(1)
    view = await house.until(lambda view: len(view.guests) == 2)
    assert [guest.id for guest in view.guests] == [returns, stays]
    async with refused("room.guest_unknown"):
        await house.room.come_back(stays_away, 1)


async def test_who_leaves_is_gone_and_going_twice_is_nothing(house, refused):
    await house.live()
    guest = await house.guest(microphone=True)
    await house.room.leave(guest)
    assert house.view.guests == ()
    assert guest in house.media.dropped
    assert not house.media.heard[guest]
    await house.room.leave(guest)
    await house.room.guest_away(guest)
    await house.room.guest_away("nobody")
    async with refused("room.guest_unknown"):
        await house.room.come_back(guest, 1)
    async with refused("room.guest_unknown"):
        await house.room.set_guest(guest)


async def test_who_is_removed_comes_no_further_than_the_lobby_again(house, refused):
    await house.live()
    invitation = await house.invite(lobby=False)
    guest = await house.room.enter(invitation.id, "Phá rối")
    await house.connect(guest)
    await house.room.remove_guest(house.leader, guest)
    assert house.view.guests == ()
    assert guest in house.media.dropped
    async with refused("room.guest_removed"):
        await house.room.come_back(guest, 1)
    again = await house.room.enter(invitation.id, "Phá rối")
    assert house.shown(again).presence is Presence.LOBBY


async def test_silenced_he_is_not_heard_whatever_he_wants(house):
    await house.live()
    guest = await house.guest(microphone=True)
    await house.room.silence_guest(house.leader, guest, True)
    assert (house.shown(guest).silenced, house.media.heard[guest]) == (True, False)
    await house.room.set_guest(guest, microphone=False)
    await house.room.set_guest(guest, microphone=True)
    assert not house.media.heard[guest]
    house.media.speaking.set((guest,))
    await house.ticks()
    assert not house.shown(guest).speaking
    await house.room.silence_guest(house.leader, guest, False)
    assert (house.shown(guest).speaking, house.media.heard[guest]) == (True, True)


async def test_hands_keep_the_order_in_which_they_were_raised(house):
    await house.live()
    one, two, three = [await house.guest(name) for name in ("Một", "Hai", "Ba")]

    def hands():
        return [house.shown(guest).hand_position for guest in (one, two, three)]

    for guest in (three, one, two):
        await house.room.set_guest(guest, hand=True)
    assert hands() == [2, 3, 1]
    await house.room.set_guest(one, hand=True)
    assert hands() == [2, 3, 1], "raising it again is no way to the front or the back"
    await house.room.lower_hand(house.secretary, three)
    assert hands() == [1, 2, None]
    await house.room.set_guest(one, hand=False)
    await house.room.set_guest(one, hand=True)
    assert hands() == [2, 1, None]


async def test_a_viewer_only_watches(house, refused):
    await house.live()
    invitation = await house.invite(role=Role.VIEWER)
    viewer = await house.room.enter(invitation.id, "Người xem")
    for wish in ("microphone", "camera", "sharing"):
        async with refused("room.viewer_only_watches"):
            await house.room.set_guest(viewer, **{wish: True})
    await house.room.set_guest(viewer, hand=True, camera=False)
    assert house.shown(viewer).hand_raised


async def test_the_stage_is_not_listed_and_not_missed(house, refused):
    await house.live()
    stages = [await house.room.enter_stage() for _ in range(3)]
    await house.connect(stages[0])
    assert house.view.guests == ()
    await house.room.leave(stages[0])
    await house.room.leave(stages[0])
    assert house.media.dropped == [stages[0]]
    async with refused("room.guest_unknown"):
        await house.room.come_back(stages[0], 1)


async def test_invitations_that_no_longer_stand(house, refused):
    await house.live()
    expires = house.time.wall + timedelta(hours=2)
    revoked = await house.invite()
    this_meeting = await house.invite()
    any_meeting = await house.invite(any_meeting=True)
    assert (this_meeting.meeting_id, any_meeting.meeting_id) == (house.view.meeting_id, None)
    await house.room.revoke_invitation(house.leader, revoked.id)
    assert (await house.room.invitation(revoked.id)).revoked
    async with refused("invitation.revoked"):
        await house.room.enter(revoked.id, "X")
    for stored in (await house.room.invitation(this_meeting.id), this_meeting):
        assert (stored.expires, stored.role, stored.lobby) == (expires, Role.OFFICIAL, False)
    await house.room.enter(this_meeting.id, "X")
    await house.room.enter(any_meeting.id, "X")
    await house.ended()
    async with refused("invitation.other_meeting"):
        await house.room.enter(this_meeting.id, "X")
    await house.room.enter(any_meeting.id, "X")
    house.time.pass_(minutes=120)
    async with refused("invitation.expired"):
        await house.room.enter(any_meeting.id, "X")
    for unknown in (house.room.invitation("none"), house.room.enter("none", "X")):
        async with refused("invitation.unknown"):
            await unknown


async def test_an_invitation_written_before_the_meeting_is_for_it(house):
    invitation = await house.invite()
    await house.live()
    guest = await house.room.enter(invitation.id, "X")
    assert house.shown(guest)


async def test_nobody_is_invited_into_the_hall_itself(house, refused):
    for role in (Role.LEADER, Role.SECRETARY, Role.TECHNICIAN, Role.STAGE):
        async with refused("invitation.role"):
            await house.invite(role=role)
    async with refused("room.name_too_long"):
        await house.room.create_invitation(
            house.leader, Role.OFFICIAL, "N" * 81, expires=house.time.wall, lobby=True
        )


async def test_a_machine_that_sends_the_hall_back_is_shown_until_it_is_muted(house):
    await house.live()
    chi = await house.guest("Bà Chi", microphone=True)
    assert not house.shown(chi).returns
    house.media.returning.set(frozenset({chi}))
    await house.until(lambda view: house.shown(chi).returns)
    await house.room.silence_guest(house.leader, chi, True)
    assert not house.shown(chi).returns

"""What the hall and the media are to do is never told step by step: it is derived from the state,
after every change, so that a restart, a mute and the end of a meeting cannot leave them in
different minds.
"""

from rooms.drawn import DrawnRoom
from rooms.floor import FloorKeeper
from rooms.view import Filmed, Phase


class DirectedRoom(DrawnRoom):
    def _direct(self) -> None:
        """Tell hall and media what they are to do, as far as it is new to them."""
        meeting = self._meeting
        trusted = not meeting.awaits_confirmation and not self._undo_is_over()
        live = trusted and meeting.phase in (Phase.LIVE, Phase.CLOSING)
        hears_hall = trusted and meeting.phase is not Phase.IDLE and not meeting.muted
        hears_hall |= self._sound_is_tested() or self._hall_is_recorded()
        rehearses = self._rehearsals.may_go_on(meeting.phase is Phase.IDLE)
        hears_hall |= rehearses
        if live is not self._told_live:
            self._told_live = live
            self._media.set_live(live)
        if (sound := self._equipment.sound) is not None and hears_hall is not self._told_open:
            self._told_open = hears_hall
            if hears_hall:
                sound.open_microphone()
            else:
                sound.close_microphone()
        # A test plays a tone that stays, as a howl does.
        music = self._sound_is_tested() or self._music_is_playing()
        if sound is not None and music is not self._told_music:
            self._told_music = music
            sound.set_music(music)
        meets = trusted and meeting.phase is not Phase.IDLE
        self._direct_hdmi()
        self._direct_projector(meets or rehearses)
        self._direct_guests(live)
        if self._filming is not None:
            filmed = hears_hall and live and self._filmed is Filmed.YES
            self._filming.want(meeting.id if filmed else None)
        # What a rehearsal saw stays; as a meeting ends the lights go out, which nobody is to mend.
        self._equipment.pictures.look(meets or rehearses, keep=not self._met)
        self._met = meets
        self._direct_picture()

    def _direct_picture(self) -> None:
        """Cameras do what costs something only while somebody sees it."""
        if self._equipment.hall is not None:
            watched = self._media.connected.value or self._filmed is Filmed.YES
            seen = bool(self._told_live and watched)
            self._equipment.hall.watch(seen)

    def _direct_hdmi(self) -> None:
        """A laptop is heard while it is shown."""
        sound = self._equipment.hdmi_sound
        heard = bool(self._told_live and self._hdmi_is_shown() and not self._hdmi_muted)
        if sound is not None and heard is not self._told_hdmi:
            self._told_hdmi = heard
            sound.want(heard)

    def _direct_projector(self, relied_on: bool) -> None:
        display, wish = self._equipment.display, self._meeting.projector
        if display is not None:
            display.watch(relied_on)
        if wish and self._meeting.awaits_confirmation:
            return
        if display is not None and wish is not self._told_projector:
            self._told_projector = wish
            if wish is not None:
                display.want(wish)

    def _direct_guests(self, live: bool) -> None:
        present = (*self._guests.present(), *self._from_ward().guests)
        heard = {g.id: live and g.admitted and g.microphone and not g.silenced for g in present}
        for guest_id in self._told_heard.keys() - heard.keys():
            self._media.set_heard(guest_id, False)
            self._media.drop(guest_id)
        for guest_id, now_heard in heard.items():
            if self._told_heard.get(guest_id) is not now_heard:
                self._media.set_heard(guest_id, now_heard)
        self._told_heard = heard

    def _update_floor(self) -> None:
        before = self._floor.floor
        if self._meeting.phase is Phase.IDLE:
            self._floor = FloorKeeper()
        else:
            connected, ward = self._media.connected.value, self._from_ward()
            admitted = [g for g in (*self._guests.present(), *ward.guests) if g.admitted]
            self._floor.update(
                [g for g in admitted if g.id in connected],
                self._media.speaking.value,
                away={g.id for g in admitted if g.id not in connected},
                follows=self._meeting.follows_speaker,
                now=self._clock.monotonic(),
                signal=self._equipment.hdmi is not None and self._equipment.hdmi.signal.value,
                ward=ward,
            )
        if self._floor.floor != before:
            self._media.set_floor(self._floor.floor)
            self._direct_hdmi()
            self._drawing.request()

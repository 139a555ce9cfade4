"""What can be done with a laptop that somebody has plugged into the hall's HDMI cable."""

from functools import partial

from base.cause import Refused
from devices.device import Signalled
from rooms import store
from rooms.change import Change
from rooms.meeting import Action, Actor
from rooms.papers import PAPER_SHOWN
from rooms.running import RunningRoom


class HdmiCommands(RunningRoom):
    async def show_hdmi(self, by: Actor) -> None:
        """It takes the floor, until it is hidden, shows nothing more, or somebody is given the
        floor; after a restart it is for a new tap. Raises Refused: `hdmi.none`,
        `hdmi.no_signal`."""

        def change() -> Change:
            hdmi = self._hdmi()
            if not hdmi.signal.value:
                raise Refused("hdmi.no_signal", name=hdmi.name)

            def apply() -> None:
                self._hdmi_muted = False
                self._floor.show_hdmi(hdmi.id)
                self._media.set_floor(self._floor.floor)

            return Change(partial(store.set_value, name=PAPER_SHOWN, new=""), apply)

        await self._do(Action.SHOW_HDMI, by, change)

    async def hide_hdmi(self, by: Actor) -> None:
        """The floor goes back to whoever had it."""

        def apply() -> None:
            self._floor.end_hdmi()
            self._media.set_floor(self._floor.floor)

        await self._do(Action.HIDE_HDMI, by, lambda: Change(apply=apply))

    async def mute_hdmi(self, by: Actor, muted: bool) -> None:
        """What the laptop plays, until it is shown anew; its picture stays. Raises Refused:
        `hdmi.none`, `hdmi.without_sound`."""

        def change() -> Change:
            hdmi = self._hdmi()
            if self._equipment.hdmi_sound is None:
                raise Refused("hdmi.without_sound", name=hdmi.name)

            def apply() -> None:
                self._hdmi_muted = muted

            return Change(apply=apply, protects=muted)

        await self._do(Action.MUTE_HDMI, by, change, muted=muted)

    def _hdmi(self) -> Signalled:
        """Raises Refused: `hdmi.none`."""
        if self._equipment.hdmi is None:
            raise Refused("hdmi.none")
        return self._equipment.hdmi

"""What the technician reads of the house's past."""

from datetime import datetime

from sqlalchemy import Connection

from rooms import health_history, numbers
from rooms.health_history import History
from rooms.numbers import Point, Quantity
from rooms.running import RunningRoom

Curves = dict[str, tuple[tuple[Point, ...], float]]
"""By name: the points, and how many seconds each stands for."""


class HealthCommands(RunningRoom):
    async def history(self, since: datetime) -> History:
        """How everything was until now. Raises StorageError."""
        now = self._clock.now()
        return await self._database.read(lambda c: health_history.history(c, since, now))

    async def curves(self, signal: str, since: datetime) -> Curves:
        """Its numbers until now. Raises StorageError."""
        now = self._clock.now()

        def read(connection: Connection) -> Curves:
            found: Curves = {}
            for name in numbers.names_of(connection, signal):
                points, step = numbers.curve(connection, Quantity(signal, name), since, now)
                if points:
                    found[name] = points, step.total_seconds()
            return found

        return await self._database.read(read)

"""What the technician reads of the house's past."""

from datetime import datetime

from sqlalchemy import Connection, select

from rooms import health_history, numbers
from rooms.health_history import History
from rooms.numbers import Point, Quantity
from rooms.running import RunningRoom
from rooms.tables import device_health
from rooms.tables import numbers as number_rows

Curves = dict[str, tuple[tuple[Point, ...], float]]
"""By name: the points, and how many seconds each stands for."""


class HealthCommands(RunningRoom):
    async def history(self, since: datetime) -> History:
        """How everything was until now. Raises StorageError."""
        now = self._clock.now()
        return await self._database.read(lambda c: health_history.history(c, since, now))

    async def everything_noted(self) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
        """The history: signal, condition, code, when; and the numbers: signal, name, seconds that
        the row stands for, when it begins, least, most, mean. Raises StorageError."""
        states, rows = device_health.c, number_rows.c

        def read(
            connection: Connection,
        ) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
            lines = connection.execute(
                select(states.device, states.condition, states.code, states.at).order_by(states.seq)
            )
            kept = connection.execute(
                select(
                    *(rows.signal, rows.name, rows.step, rows.slot),
                    *(rows.least, rows.most, rows.total, rows.times),
                ).order_by(rows.signal, rows.name, rows.step, rows.slot)
            )
            return [(one[0], one[1], one[2], one[3].isoformat()) for one in lines], [
                (*one[:4], round(one[4], 3), round(one[5], 3), round(one[6] / one[7], 3))
                for one in kept
            ]

        return await self._database.read(read)

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

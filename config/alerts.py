"""Who is told when something goes on for too long, and when that is; the same at a house and its
ward."""

from pathlib import Path

from pydantic import Field

from config.section import Section


class HouseAlertsSection(Section):
    urls_file: Path | None = None
    """An address of Apprise a line (https://appriseit.com/services/); without it, nobody is sent
    anything."""
    device_minutes: int = Field(default=10, ge=1, le=1440)
    sound_minutes: int = Field(default=2, ge=1, le=1440)
    """A meeting is live, and the hall cannot be heard."""

    def urls(self) -> tuple[str, ...]:
        """Raises OSError where the file cannot be read."""
        if self.urls_file is None:
            return ()
        lines = self.urls_file.read_text(encoding="utf-8").splitlines()
        stripped = (line.strip() for line in lines)
        return tuple(line for line in stripped if line and not line.startswith("#"))


class AlertsSection(HouseAlertsSection):
    """Of a ward."""

    away_minutes: int = Field(default=10, ge=1, le=1440)
    grace_minutes: int = Field(default=3, ge=0, le=1440)
    """So long after its start the hub raises no alert: the houses come back first."""

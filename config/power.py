"""Where a house learns whether it has mains power."""

from pydantic import Field

from config.section import Section


class PowerSection(Section):
    ups: str = Field(default="", pattern=r"^([A-Za-z0-9_.-]+@[A-Za-z0-9_.:\[\]-]+)?$")
    """A UPS as Network UPS Tools name it, `ups@192.168.1.5` or `ups@host:3493`; empty asks this
    machine's own server, where there is one, for its first UPS."""

    @property
    def name(self) -> str:
        return self.ups.partition("@")[0]

    @property
    def host(self) -> str:
        where = self.ups.partition("@")[2]
        return (where.rpartition(":")[0] if _has_port(where) else where).strip("[]") or "127.0.0.1"

    @property
    def port(self) -> int:
        where = self.ups.partition("@")[2]
        return int(where.rpartition(":")[2]) if _has_port(where) else 3493


def _has_port(where: str) -> bool:
    return where.rpartition(":")[2].isdigit() and (where.count(":") == 1 or "]:" in where)

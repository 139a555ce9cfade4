"""The inputs that a projector says it has, for whoever chooses the one of the house.

Source: PJLink Specifications Class 2 (JBMIA, 2017), INST and INNM, 4.9 and 4.17; class 1 lists
codes without names, in which the first character is the kind (4.3).
"""

from collections.abc import Mapping
from typing import Final

from aiopjlink import PJClass, PJLink, Sources

from devices.pjlink_told import told

MOST_INPUTS: Final = 40
MOST_NAME: Final = 40


async def read_class_2(link: PJLink) -> bool:
    """Also where it is asked while it is off, which most answer."""
    return await told(link.info.pjlink_class(), PJClass.ONE) is PJClass.TWO


async def read_inputs(link: PJLink, class_2: bool) -> Mapping[str, str]:
    """Code and name; names are empty in class 1, and everything is where it does not tell now."""
    kind = PJClass.TWO if class_2 else PJClass.ONE
    nothing: list[tuple[Sources.Mode, str]] = []
    found: dict[str, str] = {}
    for mode, index in (await told(link.sources.available(kind), nothing))[:MOST_INPUTS]:
        name = await told(link.sources.get_source_name(mode, index), "") if class_2 else ""
        found[f"{mode.value}{index}"] = " ".join(name.split())[:MOST_NAME]
    return found

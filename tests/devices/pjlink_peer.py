"""The projector of pjlink-advance, which nobody here wrote; `scripts/setup.sh test` lays it into
`build/peers`. It is written for Python 3.13, of which it uses one thing that 3.11 lacks."""

import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

NAME = "pjlink_advance"
FOLDER = Path(__file__).parents[2] / "build" / "peers" / NAME


def load() -> Any:
    """Its module `emulator`, without its client, which is not tried here."""
    if (known := sys.modules.get(f"{NAME}.emulator")) is not None:
        return known
    package = ModuleType(NAME)
    package.__path__ = []
    sys.modules[NAME] = package
    for name in ("models", "errors", "protocol", "emulator"):
        file = FOLDER / f"{name}.py"
        text = re.sub(r"^type (\w+) = ", r"\1 = ", file.read_text("utf-8"), flags=re.MULTILINE)
        module = ModuleType(f"{NAME}.{name}")
        module.__package__ = NAME
        sys.modules[module.__name__] = module
        exec(compile(text, str(file), "exec"), module.__dict__)
    return sys.modules[f"{NAME}.emulator"]

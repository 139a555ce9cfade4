"""A small picture of each place that a camera keeps, as it saw it when somebody kept it.

    pictures = PlacePictures(folder)
    await pictures.keep("camera", "1", jpeg)
    pictures.known("camera")               # {"1"}

Taken only where the hall may be looked at, and replaced when the place is kept again. Files in the
data folder; a token is the camera's, so its name on the disk is made from it.
"""

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Final

MOST_TOKEN: Final = 40
"""Characters of a token that count; ONVIF allows 64, and no camera uses them."""


class PlacePictures:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def known(self, camera: str) -> frozenset[str]:
        """Tokens. Blocks."""
        found = set()
        for file in (self._folder / camera).glob("*.jpg"):
            with suppress(ValueError):  # somebody else's file
                found.add(bytes.fromhex(file.stem).decode())
        return frozenset(found)

    async def keep(self, camera: str, token: str, jpeg: bytes) -> None:
        """Raises OSError."""
        await asyncio.to_thread(self._write, self._path(camera, token), jpeg)

    async def read(self, camera: str, token: str) -> bytes | None:
        """None where there is none."""
        path = self._path(camera, token)
        try:
            return await asyncio.to_thread(path.read_bytes)
        except OSError:
            return None

    def _path(self, camera: str, token: str) -> Path:
        return self._folder / camera / f"{token[:MOST_TOKEN].encode().hex()}.jpg"

    @staticmethod
    def _write(path: Path, jpeg: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".part")
        draft.write_bytes(jpeg)
        draft.replace(path)

"""Every sign that a page names is in the sprite: what is not is an empty space."""

import re
from pathlib import Path

import web

FOLDER = Path(web.__file__).parent
NAMED = re.compile(r'icon\("([a-z0-9-]+)"|act\("[a-z-]+", _\("[^"]*"\), "([a-z0-9-]+)"')


def test_every_sign_of_the_pages_is_in_the_sprite():
    sprite = (FOLDER / "static/vendor/lucide/icons.svg").read_text(encoding="utf-8")
    drawn = set(re.findall(r'id="([a-z0-9-]+)"', sprite))
    named = set()
    for path in (FOLDER / "templates").rglob("*.html"):
        for found in NAMED.finditer(path.read_text(encoding="utf-8")):
            named.add(found[1] or found[2])
    assert len(named) > 20
    assert named <= drawn, named - drawn

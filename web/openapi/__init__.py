"""The OpenAPI description of every endpoint that is not a page, read off the routes themselves.

What answers a GET with something other than a page alone stands in `gets.py`, the shapes of its
JSON in `schemas.py`. Whatever takes a POST is a form: its summary is the first line of its
handler's docstring, its fields stand in `forms.py`; each command of `/do/{action}` has a path of
its own, and its fields in `commands.py`. Open311 stands in `web/open311/described.py`. What a hub
has beside a house's pages are forms of its people, whose fields do not stand here. WebSockets are
in PROTOCOL.md: OpenAPI has no words for them.
"""

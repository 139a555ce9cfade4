"""A media server as an official's browser meets it, without any media: what it is asked is kept."""

from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


@dataclass
class Signalled:
    published: list[str] = field(default_factory=list)
    """Names of streams that are published now."""
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    """Method, path and bearer token, in order."""
    offers: bool = False
    """It takes no offer of whoever watches, and offers by itself (406)."""

    def app(self) -> Starlette:
        methods = ["POST", "PATCH", "DELETE"]
        return Starlette(routes=[Route("/{door}/{stream}", self._answer, methods=methods)])

    async def _answer(self, request: Request) -> Response:
        door, stream = request.path_params["door"], request.path_params["stream"]
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        self.asked.append((request.method, request.url.path, token))
        if request.method == "DELETE":
            self.published = [one for one in self.published if f"of-{one}" != stream]
            return Response()
        if request.method == "PATCH":
            return Response(status_code=204)
        if door == "whip":
            self.published.append(stream)
        elif stream not in self.published:
            return Response(status_code=404)
        status = 406 if door == "whep" and self.offers else 201
        headers = {"Location": f"/{door}/of-{stream}", "Content-Type": "application/sdp"}
        return Response(f"v=0 {door} {stream}", status, headers)

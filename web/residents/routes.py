"""All of the residents' pages of one house."""

from starlette.routing import BaseRoute, Route

from web.residents.asking import Asking
from web.residents.board import Board
from web.residents.export import Export
from web.residents.own_data import OwnDataPages
from web.residents.pages import Pages
from web.residents.photos import Photos
from web.residents.published import Published
from web.residents.receipts import Receipts


def routes(pages: Pages) -> list[BaseRoute]:
    """Below the house's own address; the form to ask with is its first page."""
    asking = Asking(pages)
    return [
        Route("/", asking.ask_page, methods=["GET"]),
        *asking.routes(),
        *OwnDataPages(pages).routes(),
        *Receipts(pages).routes(),
        *Photos(pages).routes(),
        *Board(pages).routes(),
        *Export(pages).routes(),
        *Published(pages).routes(),
    ]

"""What the pages of one hub are made from; each part's `routes(site)` takes what it needs.

site = HubSite.of(settings, database, deliveries, tokens, book)
app = create_hub_app(site)
group.create_task(site.board.run())
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Self

from starlette.requests import HTTPConnection

from config.ward import WardSettings
from feedback.album import Album
from feedback.case import Place
from feedback.data_requests import DataRequests
from feedback.desk import Desk, WardDesk
from feedback.handoff import tell_house
from feedback.ledger_book import Book, heads_of, last_heads
from feedback.ledger_lines import Head
from feedback.mail.at_ward import by_address, receive_at_ward
from feedback.mail.reception import Reception
from feedback.out_tray import OutTray
from feedback.outbox import waiting
from feedback.oversight import Oversight
from feedback.pictures import Darkroom
from feedback.post import Post
from feedback.rules import Rules
from feedback.worklist import Worklist
from feedback.workplace import Workplace
from storage.engine import Database
from ward.accounts import Accounts
from ward.alerts import Alerts
from ward.houses import Houses
from ward.meeting_planning import MeetingPlanning
from ward.meetings import Meetings
from ward.passwords import Passwords
from ward.plans import Plans
from ward.processes import Processes
from ward.sessions import Sessions
from ward.turn import TurnMint
from web.address import Addresses
from web.hub.access import HubAccess
from web.hub.board import Board
from web.hub.links import Links
from web.hub.media_server import MediaServer
from web.hub.meeting_lines import MeetingLines
from web.hub.peers import Peers
from web.limiting import Limits
from web.link.courier import Deliveries
from web.templating import Templates
from web.tokens import Tokens


@dataclass(frozen=True, slots=True)
class HubSite:
    settings: WardSettings
    houses: Houses
    accounts: Accounts
    access: HubAccess
    alerts: Alerts
    board: Board
    links: Links
    peers: Peers
    plans: Plans
    planning: MeetingPlanning
    """Of the whole ward's own meetings."""
    meetings: Meetings
    media: MediaServer | None
    """Through which they are held."""
    rules: Rules
    """Who owns a case, and until when."""
    workplace: Workplace
    """Where the cases that are at home here are dealt with."""
    worklist: Worklist
    requests: DataRequests
    """What people ask about their own data."""
    oversight: Oversight
    """How all of them stand, for the steering committee."""
    desk: Callable[[str], Desk]
    """Where this hub takes questions for a house."""
    own_desk: WardDesk
    """Where it takes what is sent to the ward itself."""
    mail: Reception | None
    """What is read of residents' mail; `mail.run()` has to run beside it."""
    album: Callable[[str | None], Album]
    """Photos and papers of a house's cases; None: of those that are of no house."""
    outboxes: Callable[[], Awaitable[Mapping[str, int]]]
    """How much waits for which house."""
    out_tray: OutTray
    post: Post
    """What is wrong with the hub's own mail, and with what goes out."""
    tokens: Tokens
    templates: Templates
    limits: Limits
    book: Book
    """The hub's own ledger."""
    house_heads: Callable[[str], Awaitable[Sequence[Head]]]
    """Of a house's ledger, as it handed them over."""
    last_heads: Callable[[], Awaitable[Mapping[str, Head]]]
    """The last one of each house."""

    @classmethod
    def of(
        cls,
        settings: WardSettings,
        database: Database,
        deliveries: Callable[[str], Deliveries],
        tokens: Tokens,
        book: Book,
        *,
        passwords: Passwords | None = None,
    ) -> Self:
        """`deliveries` has what this hub hands over to a house, and takes from it. Raises OSError
        where a secret cannot be read, `feedback.deadlines.CalendarError`."""
        turn = settings.turn
        mint = TurnMint(turn.urls, turn.secret()) if turn else None
        passwords = passwords or Passwords()
        media = MediaServer.of(settings.media_server) if settings.media_server else None
        houses, alerts, meetings = Houses(database), Alerts(database), Meetings(database)
        mailbox = settings.mail.address if settings.mail else None
        post = Post(database, settings.receivers(), mailbox=mailbox)
        peers = Peers(Processes(database))
        board = Board(houses, alerts, post, meetings)
        lines = MeetingLines(meetings, board.meetings, media)
        rules = Rules.of(settings.feedback, here=Place.WARD)
        album = partial(Album.of, settings.feedback, database, Darkroom())
        workplace = Workplace(database, rules, tell_house)
        return cls(
            settings=settings,
            houses=houses,
            accounts=Accounts(database, passwords),
            access=HubAccess(Sessions(database, passwords)),
            alerts=alerts,
            board=board,
            links=Links(houses, deliveries, peers, lines, mint),
            peers=peers,
            plans=Plans(database),
            planning=MeetingPlanning(database),
            meetings=meetings,
            media=media,
            rules=rules,
            workplace=workplace,
            worklist=Worklist(database, rules),
            requests=DataRequests(workplace, settings.privacy, lambda house: house),
            oversight=Oversight(database, rules),
            desk=partial(Desk, database, rules=rules),
            own_desk=WardDesk(database),
            mail=_reception(database, settings, rules, houses, album),
            album=album,
            outboxes=partial(waiting, database),
            out_tray=OutTray(database, settings.receivers()),
            post=post,
            tokens=tokens,
            templates=Templates(settings.ward),
            limits=Limits(),
            book=book,
            house_heads=partial(heads_of, database),
            last_heads=partial(last_heads, database),
        )

    def address(self, connection: HTTPConnection) -> str:
        """Of this hub, for people and houses, without a slash at the end."""
        return Addresses(self.settings.web).for_people(connection)


def _reception(
    database: Database,
    settings: WardSettings,
    rules: Rules,
    houses: Houses,
    album: Callable[[str | None], Album],
) -> Reception | None:
    if settings.mail is None:
        return None

    async def is_house(house_id: str) -> bool:
        house = await houses.find(house_id)
        return house is not None and house.was_enrolled

    receive = receive_at_ward(database, rules)
    house_of = by_address(settings.mail, is_house)
    return Reception(database, settings.mail, rules, receive, house_of, album=album)

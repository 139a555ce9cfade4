"""What the pages of one house are made from; each part's `routes(site)` takes what it needs."""

from dataclasses import dataclass, field

from base.stalls import LoopWatch
from config.settings import HouseSettings
from devices.screen import KioskScreen
from feedback.ledger_book import Book
from feedback.mail.reception import Reception
from feedback.out_tray import OutTray
from rooms.room import Room
from web.access import Access
from web.limiting import Limits
from web.local_name import LocalName
from web.setup.workshop import Workshop
from web.templating import Templates


@dataclass(frozen=True, slots=True)
class Site:
    room: Room
    settings: HouseSettings
    access: Access
    templates: Templates
    limits: Limits
    book: Book
    out_tray: OutTray
    mail: Reception | None = None
    """What is read of residents' mail."""
    workshop: Workshop | None = None
    """Where devices are set up."""
    stalls: LoopWatch = field(default_factory=LoopWatch)
    """Of the loop that all of it runs on."""
    local_name: LocalName | None = None
    """By which name the house is found in its own network."""
    screen: KioskScreen | None = None
    """The house's own; its page says that it is shown."""

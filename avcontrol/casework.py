"""What a daemon does for its cases by itself: it suggests topics, and minds the deadlines, also of
what people ask about their own data, and erases what was kept long enough."""

import logging
from collections.abc import Callable, Coroutine
from typing import Any

from feedback.classify import Suggester, model_folder
from feedback.data_requests import DataRequests
from feedback.reminders import Reminder, Reminders
from feedback.retention import Retention
from feedback.suggesting import Suggesting
from feedback.workplace import Workplace

logger = logging.getLogger(__name__)


def casework_of(
    workplace: Workplace,
    requests: DataRequests,
    *,
    may_suggest: Callable[[], bool] = lambda: True,
) -> tuple[Coroutine[Any, Any, None], ...]:
    """Jobs that run until they are cancelled."""
    suggesting = Suggesting(
        workplace.database,
        workplace.rules,
        Suggester(model_folder()),
        workplace.tell,
        may=may_suggest,
    )
    reminders = Reminders(workplace.database, workplace.rules, _note)
    retention = Retention(workplace, requests, requests.settings.retention)
    return suggesting.run(), reminders.run(), requests.run(), retention.run()


def _note(_: Any, reminder: Reminder) -> None:
    """Whoever looks at the work list sees it there; the log is for the technician."""
    logger.warning("case %s: %s, for %s", reminder.dossier.case.id, reminder.kind, reminder.to)

"""Brings the tables of a database to what this version of the program expects."""

import threading
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection

from storage.errors import StorageError

MIGRATIONS: Final = Path(__file__).with_name("migrations")

# Alembic's `op` and `context` belong to the whole process; a demo opens two databases in one.
_alembic: Final = threading.Lock()


def migrate(connection: Connection, *, where: str) -> None:
    """Run what is missing, inside the transaction that the connection is in.

    Raises StorageError `storage.newer` where the database is of a later version.
    """
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    try:
        with _alembic:
            command.upgrade(config, "head")
    except CommandError as error:
        # Alembic names a revision that this program does not have.
        raise StorageError("storage.newer", where=where) from error


def is_known(revision: str) -> bool:
    """Whether this program can bring tables of that revision up to date."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return revision in {
        script.revision for script in ScriptDirectory.from_config(config).walk_revisions()
    }

"""What the database has to say when it cannot do something, as causes for people."""

from base.cause import Refused


class StorageError(Refused):
    """The database could not do it; nothing was stored, unless the code is `storage.unsure`."""

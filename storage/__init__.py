"""The database: one engine, one writer, migrations; tables belong to their packages."""

"""What Alembic runs around the migrations; `storage.migrating` hands in the connection."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()

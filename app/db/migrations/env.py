"""What Alembic runs: migrations on the connection that ``app.db.schema`` hands over."""

from alembic import context

from presslens.app.db import all_tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=all_tables.METADATA,
    compare_type=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()

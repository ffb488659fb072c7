"""A catalogue has an identity, which its object store bears: two with one store would delete each other's objects."""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.execute("CREATE TABLE identity (id uuid NOT NULL, CONSTRAINT identity_pkey PRIMARY KEY (id))")
    op.execute("INSERT INTO identity VALUES (gen_random_uuid())")

"""The store on PostgreSQL 14 or later.

`PostgresLane` for an engine's connection, `PostgresHeart` for its heartbeat, `PostgresClient` for everybody else,
`Listener` for whoever waits for hints; each from a DSN.
"""

from tenuto.store.postgres.admissions import PostgresAdmissions
from tenuto.store.postgres.channel import channels
from tenuto.store.postgres.client import PostgresClient
from tenuto.store.postgres.heart import PostgresHeart
from tenuto.store.postgres.lane import PostgresLane
from tenuto.store.postgres.listener import Listener
from tenuto.store.watch import Watch

__all__ = ["Listener", "PostgresAdmissions", "PostgresClient", "PostgresHeart", "PostgresLane", "Watch", "channels"]

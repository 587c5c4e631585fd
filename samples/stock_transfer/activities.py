"""What a depot does besides its book-keeping in SQL: opening the books once, and driving.

`open_books` uses the connection of the engine's own transaction: the table and what is in it are there with the record
that says so, or not at all.
"""

from __future__ import annotations

import tenuto

BOOKS = """
create schema if not exists depot;
create table if not exists depot.stock (
  site text not null, sku text not null, n bigint not null check (n >= 0), primary key (site, sku)
);
insert into depot.stock values ('north', 'lamp', 100), ('south', 'lamp', 0) on conflict do nothing;
"""


@tenuto.activity
def open_books() -> None:
    """Lock first, so that two runs that begin together do not both make the table."""
    connection = tenuto.context().connection
    connection.execute("select pg_advisory_xact_lock(hashtext('depot'))")
    connection.execute(BOOKS)


@tenuto.activity
def drive(sku: str, quantity: int, source: str, target: str) -> None:
    tenuto.context().logger.info("on the road", sku=sku, quantity=quantity, source=source, target=target)

"""Triggers in the harness's own database that notice at once what must never happen, whoever does it.

Each finding is a row of `audit.finding`; `audit.reaped` keeps which lanes have gone, and when. The product knows
nothing of any of this.
"""

from __future__ import annotations

import psycopg

_TRIGGERS = """
create schema audit;
create table audit.finding (
  at timestamptz not null default clock_timestamp(), what text not null, details text not null
);
-- What an SQL activity of the stress writes.
create table audit.booked (key text not null);
create table audit.reaped (lane bigint primary key, at timestamptz not null default clock_timestamp());

create function audit.lane_gone() returns trigger language plpgsql as $$
begin
  insert into audit.reaped (lane) values (old.lane);
  return null;
end $$;
create trigger audit_lane after delete on tenuto.lane for each row execute function audit.lane_gone();

-- I5: every row of history is written by a lane that exists.
create function audit.history_written() returns trigger language plpgsql as $$
begin
  insert into audit.finding (what, details)
    select 'I5 history by a lane that is gone', format('lane %s, run %s, seq %s', w.lane, w.run_id, w.seq)
    from written w where not exists (select from tenuto.lane l where l.lane = w.lane);
  return null;
end $$;
create trigger audit_history after insert on tenuto.history referencing new table as written
  for each statement execute function audit.history_written();

create function audit.history_changed() returns trigger language plpgsql as $$
begin
  insert into audit.finding (what, details)
    values ('I1 history is not append-only', format('run %s, seq %s', old.run_id, old.seq));
  return null;
end $$;
create trigger audit_append_only after update or delete on tenuto.history
  for each row execute function audit.history_changed();

-- I5, I7: a run that has an owner is written by its owner's connection, or by an activity's that has passed its
-- fence, or its owner is being reaped; snapshots never go backwards; what is closed stays as it is.
create function audit.run_changed() returns trigger language plpgsql as $$
begin
  if exists (select from tenuto.lane l where l.lane = old.owner and l.backend <> pg_backend_pid())
     and current_setting('application_name') <> 'tenuto activity' then
    insert into audit.finding (what, details)
      values ('I5 run written by another than its owner', format('run %s of lane %s', old.run_id, old.owner));
  end if;
  if new.snapshot_seq < old.snapshot_seq then
    insert into audit.finding (what, details) values ('I5 snapshot goes backwards', format('run %s', old.run_id));
  end if;
  if old.status between 2 and 6 then
    insert into audit.finding (what, details) values ('I7 closed run changed', format('run %s', old.run_id));
  end if;
  return null;
end $$;
create trigger audit_run after update on tenuto.run for each row execute function audit.run_changed();
"""

_AT_ANY_TIME = """
select what, details from audit.finding
union all
select 'I4 news of a closed run', format('run %s, kind %s, ref %s', i.run_id, i.kind, i.ref)
  from tenuto.inbox i join tenuto.run r using (shard, run_id) where r.status between 2 and 6
limit 50
"""

_AT_REST = """
select 'I7 history after the close', format('run %s, seq %s', h.run_id, h.seq)
  from tenuto.history h
  join tenuto.history z on z.shard = h.shard and z.run_id = h.run_id and z.kind = 1 and h.seq > z.seq
union all
select 'owner without a lane', format('run %s, lane %s', r.run_id, r.owner)
  from tenuto.run r where r.owner is not null and not exists (select from tenuto.lane l where l.lane = r.owner)
union all
select 'I7 closed run with an owner or a time', format('run %s', r.run_id)
  from tenuto.run r where r.status between 2 and 6 and (r.owner is not null or r.ready_at is not null)
limit 50
"""


def install(dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(_TRIGGERS)


def at_any_time(connection: psycopg.Connection) -> list[str]:
    """What must not be there even in the middle of the storm."""
    return [f"{what}: {details}" for what, details in connection.execute(_AT_ANY_TIME)]


def at_rest(connection: psycopg.Connection) -> list[str]:
    """What must not be there once nothing moves."""
    return [f"{what}: {details}" for what, details in connection.execute(_AT_REST)]

-- The tables of the durability protocol. docs/durability.md says why each is as it is; docs/adr/0010-0013 record the choices.
--
-- Every key of a run's rows begins with `shard`, a hash of the workflow id, so that partitions, and databases that spread
-- rows by a column, keep one run's rows together. NULL means never (no owner, no wake-up).

-- One engine connection's identity. The row's existence is the right to write: taking over is deleting it.
-- `backend` and `backend_start` name the server process behind it, so that a lane whose connection is gone is known at once.
create table tenuto.lane (
  lane          bigint generated always as identity primary key,
  lease_until   timestamptz not null,
  beat          bigint not null default 0,
  ttl_ms        integer not null,
  backend       integer not null,
  backend_start timestamptz not null,
  started_at    timestamptz not null,
  name          text not null
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 200);

-- One row a run; rewritten when it goes idle, closes, or after many events, never per step.
-- `status`: 0 open, 1 closing, 2 completed, 3 failed, 4 cancelled, 5 terminated, 6 continued, 7 parked.
-- `snapshot` covers history up to `snapshot_seq`; at 0 it is what the run was started with.
-- `pause_until`: with two strikes or more, not to be handed out before.
-- `on_close`: what the parent's close does to this run: 0 abandon, 1 cancel, 2 terminate.
create table tenuto.run (
  started_at   timestamptz not null,
  closed_at    timestamptz,
  ready_at     timestamptz,
  pause_until  timestamptz,
  owner        bigint,
  snapshot_seq integer not null default 0,
  parent_op    integer,
  shard        smallint not null,
  status       smallint not null default 0,
  strikes      smallint not null default 0,
  parent_shard smallint,
  on_close     smallint not null default 2,
  run_id       uuid not null,
  parent_run   uuid,
  workflow_id  text not null,
  workflow     text not null,
  definition   bytea not null,
  states       text not null default '',
  parked       text,
  attributes   jsonb,
  outcome      bytea,
  snapshot     bytea not null,
  primary key (shard, run_id),
  constraint run_workflow_id_length check (octet_length(workflow_id) between 1 and 1000)
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500,
        autovacuum_analyze_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0);

-- A workflow id is taken while its run is open, closing or parked.
create unique index run_holder on tenuto.run (shard, workflow_id) where status in (0, 1, 7);
-- The latest closed run of a workflow id, and whether there ever was one. Only closed runs are in it: one entry a life, where
-- an index of all runs would get a new one with every version of the row (measured: 11 % of a short life's WAL).
create index run_latest on tenuto.run (shard, workflow_id, started_at) where status between 2 and 6;
-- Newest first, for listing: run ids begin with the time.
create index run_recent on tenuto.run (run_id);
-- Due runs. Those with two strikes or more are few and have an index of their own: they stand in nobody's way.
create index run_due on tenuto.run (ready_at) where status = 0 and owner is null and strikes < 2;
create index run_suspect on tenuto.run (pause_until) where status = 0 and owner is null and strikes >= 2;
create index run_owner on tenuto.run (owner) where owner is not null;
create index run_child on tenuto.run (parent_shard, parent_run) where parent_run is not null and status in (0, 1, 7);

-- The truth: one row per processed event, append-only. `kind`: 0 step (payload is the event and its commands),
-- 1 closed (the last row of every closed run), 16 + n an inbox row of kind n that the run never took (with its `ref`).
create table tenuto.history (
  lane    bigint not null,
  at      timestamptz not null,
  seq     integer not null,
  shard   smallint not null,
  kind    smallint not null,
  run_id  uuid not null,
  ref     text,
  payload bytea not null,
  primary key (shard, run_id, seq)
) with (fillfactor = 100, autovacuum_vacuum_insert_scale_factor = 0.1, autovacuum_analyze_scale_factor = 0.1);

-- News for a run. A row is the wake-up: nothing else tells an idle run that it has work.
-- The identity's CACHE must stay 1: one sender's rows are read in the order of their ids.
create table tenuto.inbox (
  id      bigint generated always as identity,
  shard   smallint not null,
  kind    smallint not null,
  run_id  uuid not null,
  ref     text not null,
  payload bytea not null,
  primary key (shard, run_id, id)
) with (fillfactor = 100, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000,
        autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 2000, autovacuum_vacuum_cost_delay = 0);
-- Terminate (4) and retry (6) are orders: they wake a parked run.
create index inbox_order on tenuto.inbox (shard, run_id) where kind in (4, 6);

-- Requests already carried out, per workflow id, until retention: they outlive consumption and continue-as-new.
create table tenuto.request (
  at          timestamptz not null,
  shard       smallint not null,
  run_id      uuid,
  workflow_id text not null,
  request     text not null,
  outcome     bytea,
  primary key (shard, workflow_id, request),
  constraint request_length check (octet_length(request) <= 1000)
) with (fillfactor = 90, autovacuum_vacuum_insert_scale_factor = 0.1);

-- Compiled workflows by content. A deployment is the definition that new runs of a workflow use.
create table tenuto.definition (
  digest   bytea primary key,
  workflow text not null,
  version  integer not null,
  program  bytea not null,
  source   text not null,
  form     text not null,
  file     text not null,
  at       timestamptz not null,
  unique (workflow, version)
);
create table tenuto.deployment (
  workflow text primary key,
  digest   bytea not null references tenuto.definition (digest),
  at       timestamptz not null
);

-- The one clock of leases, timers and due-ness. Tests replace it.
create function tenuto.clock() returns timestamptz language sql volatile as 'select clock_timestamp()';

-- When a run falls due that is to be ready at some time: a time that is past is as good as just now. So nothing new ever falls
-- due long ago, and a claim may begin near where the last one found the first run (`tenuto.claim`, `p_since`).
create function tenuto.due(ready timestamptz, now timestamptz) returns timestamptz language sql stable parallel safe as
  'select case when ready < now - interval ''1 second'' then now else ready end';

-- Microseconds since 1970, the form times have outside the database.
create function tenuto.micros(at timestamptz) returns bigint language sql immutable parallel safe as
  'select (extract(epoch from at) * 1000000)::bigint';

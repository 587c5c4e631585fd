-- Before the programs change: it adds, and takes nothing away.
--
-- An order to migrate (7) is news whose payload begins with the digest of the definition to go on in, in hexadecimal. As every
-- order it wakes a parked run. A run whose definition an engine lacks the activities of is handed to it all the same when it
-- does not lack those of the definition that the run is to go on in.

-- The definition that the history of a migrated run begins with; null for a run that was never migrated. `definition` is that
-- of the row's snapshot: what comes after it in history says when it changes again.
alter table tenuto.run add column origin bytea;

-- What a migration's payload asks for: `["<64 hexadecimal digits>"]`.
create function tenuto.target(p_payload bytea) returns bytea language sql immutable parallel safe as
  'select decode(convert_from(substr(p_payload, 3, 64), ''UTF8''), ''hex'')';

drop index tenuto.inbox_order;
create index inbox_order on tenuto.inbox (shard, run_id) where kind in (4, 6, 7);

-- As in 0002, but for orders to migrate.
create or replace function tenuto.claim(p_lane bigint, p_limit integer, p_careful boolean, p_since timestamptz, p_unfit bytea[])
returns table (o_part smallint, o_shard smallint, o_run uuid, o_number bigint, o_kind smallint, o_text text, o_payload bytea,
               o_definition bytea, o_parent_shard smallint, o_parent_run uuid, o_parent_op integer)
language plpgsql as $$
#variable_conflict use_column
declare
  v_now timestamptz := tenuto.clock();
  v_due boolean;
  v_first timestamptz;
  v_strikes smallint;
  v_news_shards smallint[];
  v_news_runs uuid[];
  v_news integer := 0;
  v_shards smallint[];
  v_runs uuid[];
  v_more_shards smallint[];
  v_more_runs uuid[];
begin
  if p_careful then
    -- Those of one number of strikes together, in groups that shrink with that number: most are innocent of their engine's
    -- death, and the culprit ends alone all the same.
    select r.strikes into v_strikes from tenuto.run r
      where r.status = 0 and r.owner is null and r.strikes >= 2 and r.pause_until <= v_now
        and r.definition <> all (p_unfit)
        and (r.ready_at <= v_now or exists (select from tenuto.inbox i where i.shard = r.shard and i.run_id = r.run_id))
      order by r.pause_until limit 1;
    v_due := found;
  else
    select r.ready_at into v_first from tenuto.run r
      where r.status = 0 and r.owner is null and r.strikes < 2 and r.ready_at > p_since and r.ready_at <= v_now
        and r.definition <> all (p_unfit)
      order by r.ready_at limit 1;
    v_due := found;
    if p_since = '-infinity' then
      o_part := 3;
      o_number := tenuto.micros(coalesce(v_first, v_now));
      return next;
    end if;
    -- A parked run wakes only for an order (terminate, retry, migrate).
    select array_agg(q.shard), array_agg(q.run_id) into v_news_shards, v_news_runs from (
      select i.shard, i.run_id
      from (select shard, run_id, min(id) as id, bool_or(kind in (4, 6, 7)) as ordered,
                   bool_or(kind = 4 or case when kind = 7 then tenuto.target(payload) <> all (p_unfit) end) as ended
            from tenuto.inbox group by shard, run_id) i
      cross join lateral (select * from tenuto.run r where r.shard = i.shard and r.run_id = i.run_id offset 0) r
      where r.owner is null and r.strikes < 2 and (r.status = 0 or r.status = 7 and i.ordered)
        and (r.definition <> all (p_unfit) or i.ended)
      order by i.id limit p_limit * 4) q;
    v_news := coalesce(cardinality(v_news_runs), 0);
  end if;
  if not v_due and v_news = 0 then
    perform 1 from tenuto.lane where lane = p_lane;
    if not found then
      raise exception 'lane % is gone', p_lane using errcode = 'TN001';
    end if;
    return;
  end if;

  perform set_config('synchronous_commit', 'off', true);
  perform tenuto.fence(p_lane);
  -- FOR NO KEY UPDATE, not FOR UPDATE: an application transaction that is sending this run a signal must not hide it.
  if p_careful then
    select array_agg(q.shard), array_agg(q.run_id) into v_shards, v_runs from (
      select r.shard, r.run_id from tenuto.run r
      where r.status = 0 and r.owner is null and r.strikes >= 2 and r.strikes = v_strikes and r.pause_until <= v_now
        and r.definition <> all (p_unfit)
        and (r.ready_at <= v_now or exists (select from tenuto.inbox i where i.shard = r.shard and i.run_id = r.run_id))
      order by r.pause_until limit least(p_limit, greatest(1, 32 >> 2 * (least(v_strikes, 5) - 2)))
      for no key update of r skip locked) q;
  else
    -- Neither due runs nor runs with news may starve the other: news gets up to half.
    select coalesce(array_agg(q.shard), '{}'), coalesce(array_agg(q.run_id), '{}') into v_shards, v_runs from (
      select r.shard, r.run_id from tenuto.run r
      where r.status = 0 and r.owner is null and r.strikes < 2 and r.ready_at >= v_first and r.ready_at <= v_now
        and r.definition <> all (p_unfit)
      order by r.ready_at limit p_limit - least(v_news, p_limit / 2) for no key update skip locked) q;
    if v_news > 0 then
      select array_agg(q.shard), array_agg(q.run_id) into v_more_shards, v_more_runs from (
        select r.shard, r.run_id
        from (select * from unnest(v_news_shards, v_news_runs) x (shard, run_id) limit cardinality(v_news_runs)) x
        join tenuto.run r on r.shard = x.shard and r.run_id = x.run_id
        where r.owner is null and r.strikes < 2 and r.status in (0, 7) and r.run_id <> all (v_runs)
        limit p_limit - cardinality(v_runs) for no key update of r skip locked) q;
      v_shards := v_shards || v_more_shards;
      v_runs := v_runs || v_more_runs;
    end if;
  end if;

  -- A parked run is open again from here on: should its new owner die after the order is consumed, nothing else would wake it.
  return query update tenuto.run r set owner = p_lane, status = 0, parked = null
    from (select * from unnest(v_shards, v_runs) x (shard, run_id) limit cardinality(v_runs)) x
    where r.shard = x.shard and r.run_id = x.run_id
    returning 0::smallint, r.shard, r.run_id, r.snapshot_seq::bigint, r.strikes, r.workflow_id, r.snapshot,
              r.definition, r.parent_shard, r.parent_run, r.parent_op;
  return query select 1::smallint, h.shard, h.run_id, h.seq::bigint, h.kind, null::text, h.payload,
                      null::bytea, null::smallint, null::uuid, null::integer
    from (select * from unnest(v_shards, v_runs) x (shard, run_id) limit cardinality(v_runs)) x
    join tenuto.run r on r.shard = x.shard and r.run_id = x.run_id
    join tenuto.history h on h.shard = r.shard and h.run_id = r.run_id and h.seq > r.snapshot_seq
    order by h.shard, h.run_id, h.seq;
  return query select 2::smallint, i.shard, i.run_id, i.id, i.kind, i.ref, i.payload,
                      null::bytea, null::smallint, null::uuid, null::integer
    from (select * from unnest(v_shards, v_runs) x (shard, run_id) limit cardinality(v_runs)) x
    join tenuto.inbox i on i.shard = x.shard and i.run_id = x.run_id
    order by i.id;
end $$;

-- As in 0004, but for orders to migrate.
create or replace function tenuto.post(p_shard smallint, p_workflow_id text, p_kind smallint, p_ref text, p_payload bytea, p_request text)
returns boolean
language plpgsql as $$
declare
  v_run uuid;
  v_status smallint;
begin
  if p_request is not null then
    insert into tenuto.request (at, shard, workflow_id, request) values (tenuto.clock(), p_shard, p_workflow_id, p_request)
      on conflict do nothing;
    if not found then
      return false;
    end if;
  end if;
  for v_try in 1..40 loop
    select r.run_id into v_run from tenuto.run r
      where r.shard = p_shard and r.workflow_id = p_workflow_id and r.status in (0, 7) for key share;
    exit when found;
    -- A miss may be an id that is just passed on (continue as new), older than our snapshot: look again with a new one.
    select r.status into v_status from tenuto.run r
      where r.shard = p_shard and r.workflow_id = p_workflow_id and r.status in (0, 1, 7);
    if not found then
      select r.status into v_status from tenuto.run r
        where r.shard = p_shard and r.workflow_id = p_workflow_id and r.status between 2 and 6
        order by r.started_at desc, r.run_id desc limit 1;
      if found then
        raise exception 'the run % is closed', p_workflow_id using errcode = 'TN002', detail = v_status;
      end if;
      raise exception 'no run has the workflow id %', p_workflow_id using errcode = 'TN003';
    end if;
    if v_try > 1 then
      perform pg_sleep(0.005);
    end if;
  end loop;
  if v_run is null then
    raise exception 'the run % is closing', p_workflow_id using errcode = 'TN005';
  end if;
  insert into tenuto.inbox (shard, run_id, kind, ref, payload) values (p_shard, v_run, p_kind, p_ref, p_payload);
  if p_kind in (4, 6, 7) then
    -- An order is an operator's pardon: a run that was parked for its strikes may be claimed again.
    update tenuto.run r set strikes = 0, ready_at = tenuto.clock() where (r.shard, r.run_id) in (
      select r2.shard, r2.run_id from tenuto.run r2
      where r2.shard = p_shard and r2.run_id = v_run and r2.status = 7 and r2.owner is null and r2.strikes > 0
      for no key update skip locked);
  end if;
  return true;
end $$;

-- A flush in which runs go on in other definitions: those of `m_run`, all of which are ours, each rewritten by the same flush.
-- A function of its own, because few flushes are. The fence comes first, as ever; the rows are locked as stage 5 would.
create function tenuto.flush_migrated(
  m_shard smallint[], m_run uuid[], m_definition bytea[],
  p_lane bigint,
  h_shard smallint[], h_run uuid[], h_seq integer[], h_payload bytea[],
  c_shard smallint[], c_run uuid[], c_id bigint[],
  k_shard smallint[], k_run uuid[], k_workflow_id text[], k_workflow text[], k_definition bytea[], k_start bytea[],
  k_parent_shard smallint[], k_parent_run uuid[], k_parent_op integer[], k_on_close smallint[], k_ready timestamptz[], k_refusal bytea[],
  p_shard smallint[], p_run uuid[], p_kind smallint[], p_ref text[], p_payload bytea[], p_source_shard smallint[], p_source_run uuid[],
  w_shard smallint[], w_workflow_id text[], w_kind smallint[], w_ref text[], w_payload bytea[],
  a_shard smallint[], a_workflow_id text[], a_request text[], a_outcome bytea[],
  t_shard smallint[], t_run uuid[], t_attributes text[], t_forgive boolean[],
  r_shard smallint[], r_run uuid[], r_seq integer[], r_snapshot bytea[], r_ready timestamptz[], r_states text[],
  r_release boolean[], r_forgive boolean[], r_parked text[], r_attributes text[],
  z_shard smallint[], z_run uuid[], z_status smallint[], z_seq integer[], z_outcome bytea[], z_states text[],
  z_attributes text[], z_publish boolean[],
  s_before uuid[], s_shard smallint[], s_run uuid[], s_workflow_id text[], s_workflow text[], s_definition bytea[], s_start bytea[],
  s_parent_shard smallint[], s_parent_run uuid[], s_parent_op integer[], s_on_close smallint[], s_ready timestamptz[]
) returns table (o_part smallint, o_shard smallint, o_run uuid)
language plpgsql as $$
declare
  v_count bigint;
begin
  perform tenuto.fence(p_lane);
  update tenuto.run r set definition = x.definition, origin = coalesce(r.origin, r.definition)
    from (select * from unnest(m_shard, m_run, m_definition) x (shard, run_id, definition) limit cardinality(m_run)) x
    where r.shard = x.shard and r.run_id = x.run_id and r.owner is not distinct from p_lane;
  get diagnostics v_count = row_count;
  if v_count <> cardinality(m_run) then
    raise exception 'of % runs to migrate % are ours', cardinality(m_run), v_count using errcode = 'TN006';
  end if;
  return query select f.o_part, f.o_shard, f.o_run from tenuto.flush(
    p_lane,
    h_shard, h_run, h_seq, h_payload, c_shard, c_run, c_id, k_shard, k_run, k_workflow_id, k_workflow, k_definition,
    k_start, k_parent_shard, k_parent_run, k_parent_op, k_on_close, k_ready, k_refusal, p_shard, p_run, p_kind, p_ref,
    p_payload, p_source_shard, p_source_run, w_shard, w_workflow_id, w_kind, w_ref, w_payload, a_shard, a_workflow_id,
    a_request, a_outcome, t_shard, t_run, t_attributes, t_forgive, r_shard, r_run, r_seq, r_snapshot, r_ready,
    r_states, r_release, r_forgive, r_parked, r_attributes, z_shard, z_run, z_status, z_seq, z_outcome, z_states,
    z_attributes, z_publish, s_before, s_shard, s_run, s_workflow_id, s_workflow, s_definition, s_start,
    s_parent_shard, s_parent_run, s_parent_op, s_on_close, s_ready
  ) f;
end $$;

-- What became of the last order to migrate a run that was sent under its workflow id since some time: a migration's outcome
-- begins with `["migrated"`, `["current"` or `["refused"`.
create function tenuto.last_migration(p_shard smallint, p_workflow_id text, p_since timestamptz)
returns table (o_at timestamptz, o_outcome bytea) language sql stable as $$
  select q.at, q.outcome from tenuto.request q
  where q.shard = p_shard and q.workflow_id = p_workflow_id and q.at >= p_since
    and substr(q.outcome, 1, 10) in ('["migrated', '["current"', '["refused"')
  order by q.at desc limit 1
$$;

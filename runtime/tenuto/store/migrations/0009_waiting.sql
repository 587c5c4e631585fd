-- What lets attempts of activities wait: queues that only some daemons serve, and rates.

-- `queue`: the run's next attempt waits in this queue since `queued_at`, and an engine that serves it is to take the run. It
-- says so only while nobody owns the run: who claims it, for whatever reason, finds the attempt in the snapshot and, when it
-- is not for him either, writes it here again. `ready_at` is the run's next timer meanwhile, which any engine fires.
alter table tenuto.run add column queue text, add column queued_at timestamptz;
-- Not among the due: ten thousand runs that wait for one machine stand in nobody's way.
create index run_queued on tenuto.run (queue, queued_at) where queue is not null and status = 0 and owner is null;

-- How often attempts of an activity have begun. `marks` is a ring: when the last attempt of each group was admitted. A group is
-- one attempt up to 64 in a period, a share of them beyond. `place` is the present group, `used` what has gone into it.
create table tenuto.rate (
  key   text primary key,
  place integer not null default 0,
  used  integer not null default 2147483647,
  marks timestamptz[] not null default '{}'
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 200);

-- Admit up to `p_wanted` attempts now. A group may be begun anew when what went into it a round ago is a whole period old; so
-- no period, wherever it begins, holds more than `p_count` admissions. An attempt begins a moment after it was admitted: the
-- period is counted a twentieth longer for that, at most 50 ms. `o_wait`: microseconds after which the next may be admitted, 0 if all were.
create function tenuto.admit(p_key text, p_count integer, p_period bigint, p_wanted integer)
returns table (o_admitted integer, o_wait bigint) language plpgsql as $$
declare
  v_size integer := (p_count + 63) / 64;
  v_groups integer := p_count / ((p_count + 63) / 64);
  v_period interval := (p_period + least(p_period / 20, 50000)) * interval '1 microsecond';
  v_now timestamptz;
  v_place integer;
  v_used integer;
  v_marks timestamptz[];
  v_next integer;
  v_take integer;
begin
  insert into tenuto.rate (key) values (p_key) on conflict do nothing;
  select r.place, r.used, r.marks into v_place, v_used, v_marks from tenuto.rate r where r.key = p_key for update;
  v_now := tenuto.clock();
  if cardinality(v_marks) = 0 then
    v_marks := array_fill(null::timestamptz, array[v_groups]);
  end if;
  o_admitted := 0;
  o_wait := 0;
  while o_admitted < p_wanted loop
    if v_used >= v_size then
      v_next := v_place % v_groups + 1;
      if v_marks[v_next] + v_period > v_now then
        o_wait := greatest(tenuto.micros(v_marks[v_next] + v_period) - tenuto.micros(v_now), 1);
        exit;
      end if;
      v_place := v_next;
      v_used := 0;
    end if;
    v_take := least(p_wanted - o_admitted, v_size - v_used);
    v_used := v_used + v_take;
    v_marks[v_place] := v_now;
    o_admitted := o_admitted + v_take;
  end loop;
  if o_admitted > 0 then
    update tenuto.rate r set place = v_place, used = v_used, marks = v_marks where r.key = p_key;
  end if;
  return next;
end $$;

-- A lane is about to release runs whose next attempts wait in queues that it does not serve.
create function tenuto.enqueue(p_lane bigint, p_shards smallint[], p_runs uuid[], p_queues text[]) returns void language plpgsql as $$
begin
  perform set_config('synchronous_commit', 'off', true);
  perform tenuto.fence(p_lane);
  update tenuto.run r set queue = x.queue, queued_at = tenuto.clock()
    from (select * from unnest(p_shards, p_runs, p_queues) x (shard, run_id, queue) limit cardinality(p_runs)) x
    where r.shard = x.shard and r.run_id = x.run_id and r.owner is not distinct from p_lane;
end $$;

-- Give runs back as they were taken: another engine is to have them. One that was taken out of a queue has lost its place, and
-- is due instead.
create or replace function tenuto.give_back(p_lane bigint, p_shards smallint[], p_runs uuid[]) returns void language plpgsql as $$
begin
  perform set_config('synchronous_commit', 'off', true);
  perform tenuto.fence(p_lane);
  update tenuto.run r set owner = null, ready_at = case when r.queued_at is null then r.ready_at else tenuto.clock() end
    from (select * from unnest(p_shards, p_runs) x (shard, run_id) limit cardinality(p_runs)) x
    where r.shard = x.shard and r.run_id = x.run_id and r.owner is not distinct from p_lane;
end $$;

-- Take runs that are due, have news, or wait in a queue that this engine serves, and that nobody owns. As 0008 has it, with
-- `p_queues`: the queues served, null for all. When it has several, it takes from one after the other: they are to be started
-- at different names (`tenuto.store.postgres.lane` rotates them).
drop function tenuto.claim(bigint, integer, boolean, timestamptz, bytea[]);
create function tenuto.claim(p_lane bigint, p_limit integer, p_careful boolean, p_since timestamptz, p_unfit bytea[],
                             p_queues text[])
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
  v_queued boolean := false;
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
        and (r.ready_at <= v_now or r.queue is not null and (p_queues is null or r.queue = any (p_queues))
             or exists (select from tenuto.inbox i where i.shard = r.shard and i.run_id = r.run_id))
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
    if p_queues is null then
      v_queued := exists (select from tenuto.run r
        where r.queue is not null and r.status = 0 and r.owner is null and r.strikes < 2 and r.definition <> all (p_unfit));
    else
      v_queued := exists (select from tenuto.run r
        where r.queue = any (p_queues) and r.status = 0 and r.owner is null and r.strikes < 2 and r.definition <> all (p_unfit));
    end if;
  end if;
  if not v_due and v_news = 0 and not v_queued then
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
        and (r.ready_at <= v_now or r.queue is not null and (p_queues is null or r.queue = any (p_queues))
             or exists (select from tenuto.inbox i where i.shard = r.shard and i.run_id = r.run_id))
      order by r.pause_until limit least(p_limit, greatest(1, 32 >> 2 * (least(v_strikes, 5) - 2)))
      for no key update of r skip locked) q;
  else
    -- None may starve the others: news gets up to half, runs in queues up to a quarter, and whatever is left over.
    select coalesce(array_agg(q.shard), '{}'), coalesce(array_agg(q.run_id), '{}') into v_shards, v_runs from (
      select r.shard, r.run_id from tenuto.run r
      where r.status = 0 and r.owner is null and r.strikes < 2 and r.ready_at >= v_first and r.ready_at <= v_now
        and r.definition <> all (p_unfit)
      order by r.ready_at
      limit p_limit - least(v_news, p_limit / 2) - case when v_queued then p_limit / 4 else 0 end
      for no key update skip locked) q;
    if v_news > 0 then
      select array_agg(q.shard), array_agg(q.run_id) into v_more_shards, v_more_runs from (
        select r.shard, r.run_id
        from (select * from unnest(v_news_shards, v_news_runs) x (shard, run_id) limit cardinality(v_news_runs)) x
        join tenuto.run r on r.shard = x.shard and r.run_id = x.run_id
        where r.owner is null and r.strikes < 2 and r.status in (0, 7) and r.run_id <> all (v_runs)
        limit p_limit - cardinality(v_runs) - case when v_queued then p_limit / 4 else 0 end
        for no key update of r skip locked) q;
      v_shards := v_shards || v_more_shards;
      v_runs := v_runs || v_more_runs;
    end if;
    if v_queued and p_queues is null then
      select array_agg(q.shard), array_agg(q.run_id) into v_more_shards, v_more_runs from (
        select r.shard, r.run_id from tenuto.run r
        where r.queue is not null and r.status = 0 and r.owner is null and r.strikes < 2
          and r.definition <> all (p_unfit) and r.run_id <> all (v_runs)
        order by r.queued_at limit p_limit - cardinality(v_runs) for no key update skip locked) q;
      v_shards := v_shards || v_more_shards;
      v_runs := v_runs || v_more_runs;
    elsif v_queued then
      select array_agg(q.shard), array_agg(q.run_id) into v_more_shards, v_more_runs from (
        select r.shard, r.run_id from unnest(p_queues) n (name)
        cross join lateral (
          select * from tenuto.run r
          where r.queue = n.name and r.status = 0 and r.owner is null and r.strikes < 2
            and r.definition <> all (p_unfit) and r.run_id <> all (v_runs)
          order by r.queued_at limit p_limit - cardinality(v_runs) for no key update skip locked) r
        limit p_limit - cardinality(v_runs)) q;
      v_shards := v_shards || v_more_shards;
      v_runs := v_runs || v_more_runs;
    end if;
  end if;

  -- A parked run is open again from here on: should its new owner die after the order is consumed, nothing else would wake it.
  return query update tenuto.run r set owner = p_lane, status = 0, parked = null, queue = null
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

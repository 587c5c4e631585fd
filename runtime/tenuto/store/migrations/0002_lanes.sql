-- What a lane may do: register, beat, claim, flush, leave, and reap the dead. Each function is called as one autocommit
-- statement. They are VOLATILE plpgsql: every statement inside takes a snapshot of its own (READ COMMITTED), and
-- "lock first, then look in the next statement" below relies on exactly that.
--
-- Error codes: TN001 fenced; TN006 a run is not ours; TN007 inbox rows are gone (both: our memory is wrong, the lane dies).

create function tenuto.register(p_ttl_ms integer, p_name text) returns bigint language sql as $$
  insert into tenuto.lane (lease_until, ttl_ms, backend, backend_start, started_at, name)
  select tenuto.clock() + p_ttl_ms * interval '1 millisecond', p_ttl_ms, a.pid, a.backend_start, tenuto.clock(), p_name
  from pg_stat_activity a where a.pid = pg_backend_pid()
  returning lane
$$;

-- First in every transaction of a lane. KEY SHARE: makes no row version, lets the heartbeat's update pass, holds off DELETE.
create function tenuto.fence(p_lane bigint) returns void language plpgsql as $$
begin
  perform 1 from tenuto.lane where lane = p_lane for key share;
  if not found then
    raise exception 'lane % is gone', p_lane using errcode = 'TN001';
  end if;
end $$;

create function tenuto.beat(p_lanes bigint[], p_ttl_ms integer) returns setof bigint language plpgsql as $$
begin
  perform set_config('synchronous_commit', 'off', true);
  return query update tenuto.lane
    set lease_until = tenuto.clock() + p_ttl_ms * interval '1 millisecond', beat = beat + 1, ttl_ms = p_ttl_ms
    where lane = any (p_lanes) returning lane;
end $$;

-- What a reaper watches. A lane whose server process is gone can never write again; another's death is judged by its lease
-- and by its beat over the watcher's own clock.
create function tenuto.lanes() returns table (o_lane bigint, o_beat bigint, o_ttl_ms integer, o_expired boolean, o_gone boolean)
language plpgsql as $$
begin
  return query select l.lane, l.beat, l.ttl_ms, l.lease_until < tenuto.clock(),
    not exists (select from pg_stat_activity a
                where a.pid = l.backend and (a.backend_start = l.backend_start or a.backend_start is null))
  from tenuto.lane l;
end $$;

-- End the server process of a lane judged dead, should it hold locks: before PostgreSQL 17 nothing else frees a frozen
-- transaction, and in any version a reply that nobody reads is cut off by nothing else.
create function tenuto.cut(p_lane bigint) returns boolean language plpgsql as $$
declare
  v_done boolean := false;
begin
  select pg_terminate_backend(a.pid) into v_done
  from tenuto.lane l join pg_stat_activity a on a.pid = l.backend and a.backend_start = l.backend_start
  where l.lane = p_lane;
  return coalesce(v_done, false);
exception when insufficient_privilege then
  return false;
end $$;

-- Delete lanes and give their runs back: the only way a run leaves a lane against its will. A lane with a flush in flight is
-- locked, skipped and met again next time. `p_beats`: delete only if the beat is still the one that was observed.
create function tenuto.reap(p_lanes bigint[], p_beats bigint[]) returns table (o_lane bigint, o_runs bigint)
language plpgsql as $$
declare
  v_dead bigint[];
  v_runs bigint;
  v_now timestamptz := tenuto.clock();
begin
  select array_agg(q.lane) into v_dead from (
    select l.lane from unnest(p_lanes, p_beats) x (lane, beat)
    join tenuto.lane l on l.lane = x.lane and l.beat = coalesce(x.beat, l.beat)
    order by l.lane for update of l skip locked) q;
  if v_dead is null then
    return;
  end if;
  delete from tenuto.lane where lane = any (v_dead);
  update tenuto.run set
    owner = null,
    strikes = strikes + 1,
    status = case when strikes >= 7 then 7 when status = 1 then 0 else status end,
    parked = case when strikes >= 7 then 'its engine died ' || strikes + 1 || ' times in a row while it held this run' else parked end,
    ready_at = case when strikes >= 7 then null else v_now end,
    pause_until = case when strikes >= 1 then v_now + least(power(2, strikes - 1), 60) * interval '1 second' end
  where owner = any (v_dead);
  get diagnostics v_runs = row_count;
  return query select unnest(v_dead), v_runs;
end $$;

-- A lane's own farewell: no strike.
create function tenuto.leave(p_lane bigint) returns void language plpgsql as $$
begin
  delete from tenuto.lane where lane = p_lane;
  if found then
    update tenuto.run set owner = null, ready_at = tenuto.clock(), status = case when status = 1 then 0 else status end
    where owner = p_lane;
  end if;
end $$;

-- When the earliest unowned open run falls due; `p_since` as in `tenuto.claim`.
create function tenuto.next_ready_at(p_since timestamptz, p_unfit bytea[]) returns timestamptz language plpgsql as $$
begin
  return least(
    (select r.ready_at from tenuto.run r where r.status = 0 and r.owner is null and r.strikes < 2 and r.ready_at > p_since
       and r.definition <> all (p_unfit)
     order by r.ready_at limit 1),
    (select min(greatest(r.ready_at, r.pause_until)) from tenuto.run r
     where r.status = 0 and r.owner is null and r.strikes >= 2 and r.ready_at is not null
       and r.definition <> all (p_unfit)));
end $$;

-- Take runs that are due or have news and that nobody owns. Four kinds of rows come back: 0 a run, 1 a row of its tail,
-- 2 an unread inbox row, 3 (when `p_since` is -infinity) the time from which on the next claims may look.
--
-- `p_since`: look at runs due after it only. While some old transaction holds back vacuum, the index's entries of runs that
-- were due and are done can't be removed; every claim would step over all of them. A claim that does look at all tells
-- where the first live entry was; the next ones begin there.
--
-- `p_unfit`: definitions this engine cannot run (it lacks their activities). Their runs are left to engines that can, but
-- for those that are to be terminated, which anybody can do.
--
-- A look without locks comes first: a poll that finds nothing writes nothing. Then fence, lock, take; the tail is read in
-- the next statement of the same transaction (in the taking statement it would miss rows, in a later transaction it could
-- have gaps). The commit is asynchronous: a claim that is lost leaves the run unowned, and a flush cannot outlive it.
create function tenuto.claim(p_lane bigint, p_limit integer, p_careful boolean, p_since timestamptz, p_unfit bytea[])
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
    -- A parked run wakes only for an order (terminate, retry).
    select array_agg(q.shard), array_agg(q.run_id) into v_news_shards, v_news_runs from (
      select i.shard, i.run_id
      from (select shard, run_id, min(id) as id, bool_or(kind in (4, 6)) as ordered, bool_or(kind = 4) as ended
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

-- Give runs back as they were taken: another engine is to have them.
create function tenuto.give_back(p_lane bigint, p_shards smallint[], p_runs uuid[]) returns void language plpgsql as $$
begin
  perform set_config('synchronous_commit', 'off', true);
  perform tenuto.fence(p_lane);
  update tenuto.run r set owner = null
    from (select * from unnest(p_shards, p_runs) x (shard, run_id) limit cardinality(p_runs)) x
    where r.shard = x.shard and r.run_id = x.run_id and r.owner is not distinct from p_lane;
end $$;

-- Unread inbox rows of the runs a lane owns. The two ways in cost as much as what they start from; a short look at the inbox
-- decides, because the planner's idea of its size is always out of date; and `offset 0` holds it to the way decided on.
create function tenuto.news(p_lane bigint)
returns table (o_shard smallint, o_run uuid, o_id bigint, o_kind smallint, o_ref text, o_payload bytea)
language plpgsql as $$
begin
  perform 1 from tenuto.lane where lane = p_lane;
  if not found then
    raise exception 'lane % is gone', p_lane using errcode = 'TN001';
  end if;
  if (select count(*) from (select from tenuto.inbox limit 5000) q) < 5000 then
    return query select i.shard, i.run_id, i.id, i.kind, i.ref, i.payload
      from (select * from tenuto.inbox offset 0) i
      cross join lateral (select r.owner from tenuto.run r where r.shard = i.shard and r.run_id = i.run_id offset 0) r
      where r.owner = p_lane order by i.id;
  else
    return query select i.shard, i.run_id, i.id, i.kind, i.ref, i.payload
      from (select r.shard, r.run_id from tenuto.run r where r.owner = p_lane offset 0) r
      cross join lateral (select * from tenuto.inbox i where i.shard = r.shard and i.run_id = r.run_id offset 0) i
      order by i.id;
  end if;
end $$;

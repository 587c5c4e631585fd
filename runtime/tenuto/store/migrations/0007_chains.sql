-- Before the programs change: it adds columns and an index, and another body of `tenuto.flush`, which 0003 describes.
--
-- `first_run`: of a run that continues another, the first of their chain. `parent_first`: the same of its parent. So the end of
-- a chain finds the children of all its runs by one key, however long it is and however often its workflow id was used before.
-- (0006 looked at every closed run of that id, with each close.)
--
-- `tenuto.flush` also differs from 0006 in these:
--   - A cancellation by workflow id (kind 3) is for a child, and its `ref` is `parent run:operation`. Only that child takes it,
--     or its successor: whoever else has the workflow id by now is not meant.
--   - An update that a run leaves unread when it ends is answered `["closed", status]`, so that whoever waits for the answer
--     learns it even when another run has the workflow id already.
--   - What has been locked is compared as a whole: one run may have many thousand children.
alter table tenuto.run add column first_run uuid, add column parent_first uuid;

-- Chains that are under way: the runs of an id since its last end are one chain.
update tenuto.run r set first_run = chain.first
  from tenuto.run h
  cross join lateral (
    select p.run_id as first from tenuto.run p
    where p.shard = h.shard and p.workflow_id = h.workflow_id and p.status = 6 and p.started_at > coalesce(
      (select max(e.started_at) from tenuto.run e
       where e.shard = h.shard and e.workflow_id = h.workflow_id and e.status between 2 and 5), '-infinity')
    order by p.started_at, p.run_id limit 1) chain
  where h.status in (0, 1, 7) and r.shard = h.shard and r.run_id = h.run_id;
update tenuto.run c set parent_first = h.first_run
  from tenuto.run p
  join tenuto.run h on h.shard = p.shard and h.workflow_id = p.workflow_id and h.status in (0, 1, 7)
  join tenuto.run f on f.shard = h.shard and f.run_id = h.first_run
  where c.status in (0, 1, 7) and p.shard = c.parent_shard and p.run_id = c.parent_run and p.started_at >= f.started_at;

drop index tenuto.run_child;
create index run_kin on tenuto.run (parent_shard, coalesce(parent_first, parent_run))
  where parent_run is not null and status in (0, 1, 7);

create or replace function tenuto.flush(
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
#variable_conflict use_column
declare
  v_now timestamptz := tenuto.clock();
  v_count bigint;
  v_holders uuid[];
  v_orphans uuid[];
  v_seen uuid[];
  v_parent_shard smallint[];
  v_parent uuid[];
  v_parent_of uuid[];
  v_ok_shard smallint[];
  v_ok uuid[];
begin
  perform tenuto.fence(p_lane);                                                                                       -- 1

  if cardinality(k_run) > 0 then                                                                                      -- 2
    -- A parent learns that its child's workflow id is taken from its inbox, like any other outcome of a child. It is ours,
    -- and only its owner can close it: no lock is needed.
    return query
      with child as (
        select * from unnest(k_shard, k_run, k_workflow_id, k_workflow, k_definition, k_start, k_parent_shard, k_parent_run,
                             k_parent_op, k_on_close, k_ready, k_refusal)
          x (shard, run_id, workflow_id, workflow, definition, start, parent_shard, parent_run, parent_op, on_close, ready, refusal)
      ), made as (
        insert into tenuto.run (shard, run_id, workflow_id, workflow, definition, snapshot, parent_shard, parent_run, parent_op,
                                on_close, ready_at, started_at, parent_first)
        select c.shard, c.run_id, c.workflow_id, c.workflow, c.definition, c.start, c.parent_shard, c.parent_run, c.parent_op,
               c.on_close, coalesce(tenuto.due(c.ready, v_now), v_now), v_now,
               (select p.first_run from tenuto.run p where p.shard = c.parent_shard and p.run_id = c.parent_run)
        from child c order by c.shard, c.workflow_id
        on conflict do nothing returning shard, run_id
      ), refused as (
        select * from child c where not exists (select from made m where m.shard = c.shard and m.run_id = c.run_id)
      ), told as (
        insert into tenuto.inbox (shard, run_id, kind, ref, payload)
        select parent_shard, parent_run, 5, workflow_id, refusal from refused
        where parent_run is not null and parent_op is not null
      )
      select 2::smallint, shard, run_id from refused;
  end if;

  if cardinality(p_run) > 0 then                                                                                      -- 3
    perform 1 from (select * from unnest(p_shard, p_run) x (shard, run_id) limit cardinality(p_run)) x
      join tenuto.run r on r.shard = x.shard and r.run_id = x.run_id
      where r.status in (0, 7) order by r.shard, r.run_id for key share of r;
  end if;
  if cardinality(w_workflow_id) > 0 then
    loop  -- whoever holds the id may be passing it on: look again until all holders are locked
      select array_agg(q.run_id) into v_holders from (
        select r.run_id from (select * from unnest(w_shard, w_workflow_id) x (shard, workflow_id) limit cardinality(w_shard)) x
        join tenuto.run r on r.shard = x.shard and r.workflow_id = x.workflow_id
        where r.status in (0, 1, 7) order by r.shard, r.run_id for key share of r) q;
      -- (Those that are locked stay, so more is all that can be seen now. Sorted arrays are compared in one pass.)
      select array_agg(q.run_id) into v_seen from (
        select r.run_id from (select * from unnest(w_shard, w_workflow_id) x (shard, workflow_id) limit cardinality(w_shard)) x
        join tenuto.run r on r.shard = x.shard and r.workflow_id = x.workflow_id
        where r.status in (0, 1, 7) order by r.shard, r.run_id) q;
      exit when v_seen is not distinct from v_holders;
    end loop;
  end if;
  if cardinality(z_run) > 0 then
    -- The open children of runs that end are to be cancelled or terminated. A run that continues as new does not end: its
    -- children are its successor's, and the last run of the chain answers for those of all.
    select array_agg(z.shard), array_agg(coalesce(r.first_run, r.run_id)), array_agg(z.run_id)
      into v_parent_shard, v_parent, v_parent_of
      from (select * from unnest(z_shard, z_run, z_status) z (shard, run_id, status) limit cardinality(z_run)) z
      cross join lateral (select r.first_run, r.run_id from tenuto.run r
                          where r.shard = z.shard and r.run_id = z.run_id offset 0) r
      where z.status <> 6;
    if exists (
        select from (select * from unnest(v_parent_shard, v_parent) z (shard, first) limit cardinality(v_parent)) z
        join tenuto.run r on r.parent_shard = z.shard and coalesce(r.parent_first, r.parent_run) = z.first
        where r.parent_run is not null and r.status in (0, 1, 7) and r.on_close > 0) then
      loop  -- (in one snapshot a child or its successor is open)
        select array_agg(q.run_id) into v_orphans from (
          select r.run_id from (select * from unnest(v_parent_shard, v_parent) z (shard, first) limit cardinality(v_parent)) z
          join tenuto.run r on r.parent_shard = z.shard and coalesce(r.parent_first, r.parent_run) = z.first
          where r.parent_run is not null and r.status in (0, 1, 7) and r.on_close > 0
          order by r.shard, r.run_id for key share of r) q;
        select array_agg(q.run_id) into v_seen from (
          select r.run_id from (select * from unnest(v_parent_shard, v_parent) z (shard, first) limit cardinality(v_parent)) z
          join tenuto.run r on r.parent_shard = z.shard and coalesce(r.parent_first, r.parent_run) = z.first
          where r.parent_run is not null and r.status in (0, 1, 7) and r.on_close > 0
          order by r.shard, r.run_id) q;
        exit when v_seen is not distinct from v_orphans;
      end loop;
    end if;
  end if;

  if cardinality(h_run) > 0 then                                                                                      -- 4
    insert into tenuto.history (lane, at, seq, shard, kind, run_id, payload)
      select p_lane, v_now, x.seq, x.shard, 0, x.run_id, x.payload
      from unnest(h_shard, h_run, h_seq, h_payload) x (shard, run_id, seq, payload);
  end if;
  if cardinality(c_run) > 0 then
    delete from tenuto.inbox i
      using (select * from unnest(c_shard, c_run, c_id) x (shard, run_id, id) limit cardinality(c_run)) x
      where i.shard = x.shard and i.run_id = x.run_id and i.id = x.id;
    get diagnostics v_count = row_count;
    if v_count <> cardinality(c_run) then
      raise exception 'of % inbox rows to consume % were there', cardinality(c_run), v_count using errcode = 'TN007';
    end if;
  end if;
  if cardinality(a_request) > 0 then
    update tenuto.request q set outcome = x.outcome
      from (select * from unnest(a_shard, a_workflow_id, a_request, a_outcome) x (shard, workflow_id, request, outcome)
            limit cardinality(a_request)) x
      where q.shard = x.shard and q.workflow_id = x.workflow_id and q.request = x.request;
  end if;
  if cardinality(p_run) > 0 then
    insert into tenuto.inbox (shard, run_id, kind, ref, payload)
      select x.shard, x.run_id, x.kind, x.ref, x.payload
      from (select * from unnest(p_shard, p_run, p_kind, p_ref, p_payload, p_source_run) with ordinality
              x (shard, run_id, kind, ref, payload, source, n) limit cardinality(p_run)) x
      join tenuto.run r on r.shard = x.shard and r.run_id = x.run_id and r.status in (0, 7)
      where x.source is null order by x.n;
  end if;
  if v_holders is not null then
    insert into tenuto.inbox (shard, run_id, kind, ref, payload)
      select r.shard, r.run_id, x.kind, x.ref, x.payload
      from (select * from unnest(w_shard, w_workflow_id, w_kind, w_ref, w_payload) with ordinality
              x (shard, workflow_id, kind, ref, payload, n) limit cardinality(w_shard)) x
      join tenuto.run r on r.shard = x.shard and r.workflow_id = x.workflow_id and r.status in (0, 1, 7)
      where x.kind <> 3 or x.ref = r.parent_run || ':' || r.parent_op order by x.n;
  end if;
  if cardinality(w_workflow_id) > 0 then
    return query select 4::smallint, (x.n - 1)::smallint, null::uuid
      from (select * from unnest(w_shard, w_workflow_id) with ordinality x (shard, workflow_id, n) limit cardinality(w_shard)) x
      where x.n <= 32768 and not exists (
        select from tenuto.run r where r.shard = x.shard and r.workflow_id = x.workflow_id and r.status in (0, 1, 7));
  end if;
  if cardinality(t_run) > 0 then
    update tenuto.run r set
        attributes = coalesce(x.attributes::jsonb, r.attributes), strikes = case when x.forgive then 0 else r.strikes end
      from (select * from unnest(t_shard, t_run, t_attributes, t_forgive) x (shard, run_id, attributes, forgive)
            limit cardinality(t_run)) x
      where r.shard = x.shard and r.run_id = x.run_id and r.owner is not distinct from p_lane;
    get diagnostics v_count = row_count;
    if v_count <> cardinality(t_run) then
      raise exception 'of % runs to touch % are ours', cardinality(t_run), v_count using errcode = 'TN006';
    end if;
  end if;

  if cardinality(r_run) > 0 then                                                                                      -- 5
    update tenuto.run r set
        snapshot = x.snapshot, snapshot_seq = x.seq, ready_at = tenuto.due(x.ready, v_now), states = x.states,
        strikes = case when x.forgive then 0 else r.strikes end,
        owner = case when x.release then null else p_lane end,
        status = case when x.parked is null then 0 else 7 end, parked = x.parked,
        attributes = coalesce(x.attributes::jsonb, r.attributes)
      from (select * from unnest(r_shard, r_run, r_seq, r_snapshot, r_ready, r_states, r_release, r_forgive, r_parked,
                                 r_attributes)
              x (shard, run_id, seq, snapshot, ready, states, release, forgive, parked, attributes)
            limit cardinality(r_run)) x
      where r.shard = x.shard and r.run_id = x.run_id and r.owner is not distinct from p_lane;
    get diagnostics v_count = row_count;
    if v_count <> cardinality(r_run) then
      raise exception 'of % runs to rewrite % are ours', cardinality(r_run), v_count using errcode = 'TN006';
    end if;
  end if;

  if cardinality(z_run) = 0 then
    return;
  end if;
  select array_agg(q.shard), array_agg(q.run_id) into v_ok_shard, v_ok from (                                         -- 6
    select r.shard, r.run_id from (select * from unnest(z_shard, z_run) z (shard, run_id) limit cardinality(z_run)) z
    join tenuto.run r on r.shard = z.shard and r.run_id = z.run_id
    where r.owner is not distinct from p_lane order by r.shard, r.run_id for update of r skip locked) q;
  if coalesce(cardinality(v_ok), 0) < cardinality(z_run) then
    select count(*) into v_count
      from (select * from unnest(z_shard, z_run) z (shard, run_id) limit cardinality(z_run)) z
      join tenuto.run r on r.shard = z.shard and r.run_id = z.run_id where r.owner is not distinct from p_lane;
    if v_count <> cardinality(z_run) then
      raise exception 'of % runs to close % are ours', cardinality(z_run), v_count using errcode = 'TN006';
    end if;
    return query select 1::smallint, z.shard, z.run_id from unnest(z_shard, z_run) z (shard, run_id)
      where z.run_id <> all (coalesce(v_ok, '{}'));
    -- Whoever keeps it locked has had several turns: from now on new news is refused.
    if true = any (z_publish) then
      update tenuto.run r set status = 1 where (r.shard, r.run_id) in (
        select r2.shard, r2.run_id
        from (select * from unnest(z_shard, z_run, z_publish) z (shard, run_id, publish) limit cardinality(z_run)) z
        join tenuto.run r2 on r2.shard = z.shard and r2.run_id = z.run_id
        where z.publish and r2.run_id <> all (coalesce(v_ok, '{}')) and r2.owner is not distinct from p_lane
        for no key update of r2 skip locked);
    end if;
    if v_ok is null then
      return;
    end if;
  end if;
  -- A new statement, a new snapshot: all news that got its key-share lock before ours is visible from here on.
  if cardinality(s_run) > 0 then
    update tenuto.inbox i set run_id = s.run_id
      from (select * from unnest(s_before, s_shard, s_run) s (before, shard, run_id) limit cardinality(s_run)) s
      where i.shard = s.shard and i.run_id = s.before and s.before = any (v_ok);
  end if;
  with ending as (
    select z.* from (select * from unnest(z_shard, z_run, z_status, z_seq) z (shard, run_id, status, seq)
                     limit cardinality(z_run)) z where z.run_id = any (v_ok)
  ), gone as (
    delete from tenuto.inbox i using ending z where i.shard = z.shard and i.run_id = z.run_id returning i.*
  ), unanswered as (
    update tenuto.request q set outcome = convert_to('["closed",' || z.status || ']', 'UTF8')
    from gone g
    cross join lateral (select r.workflow_id from tenuto.run r where r.shard = g.shard and r.run_id = g.run_id offset 0) r
    join ending z on z.shard = g.shard and z.run_id = g.run_id
    where g.kind = 2 and q.shard = g.shard and q.workflow_id = r.workflow_id and q.request = g.ref
  ), left_over as (
    select g.*, row_number() over (partition by g.shard, g.run_id order by g.id) as n from gone g
  ), counted as (
    select shard, run_id, count(*) as n from gone group by shard, run_id
  )
  insert into tenuto.history (lane, at, seq, shard, kind, run_id, ref, payload)
    select p_lane, v_now, z.seq + l.n, l.shard, 16 + l.kind, l.run_id, l.ref, l.payload
    from left_over l join ending z on z.shard = l.shard and z.run_id = l.run_id
    union all
    select p_lane, v_now, z.seq + coalesce(c.n, 0) + 1, z.shard, 1, z.run_id, null, convert_to(
        '["' || (array['completed', 'failed', 'cancelled', 'terminated', 'continued'])[z.status - 1] || '"]', 'UTF8')
    from ending z left join counted c on c.shard = z.shard and c.run_id = z.run_id;
  update tenuto.run r set
      status = z.status, owner = null, ready_at = null, closed_at = v_now, outcome = z.outcome, states = z.states,
      strikes = 0, parked = null, attributes = coalesce(z.attributes::jsonb, r.attributes)
    from (select * from unnest(z_shard, z_run, z_status, z_outcome, z_states, z_attributes)
            z (shard, run_id, status, outcome, states, attributes) limit cardinality(z_run)) z
    where r.shard = z.shard and r.run_id = z.run_id and z.run_id = any (v_ok);

  if cardinality(s_run) > 0 then                                                                                      -- 7
    insert into tenuto.run (shard, run_id, workflow_id, workflow, definition, snapshot, parent_shard, parent_run, parent_op,
                            on_close, ready_at, started_at, first_run, parent_first)
      select s.shard, s.run_id, s.workflow_id, s.workflow, s.definition, s.start, s.parent_shard, s.parent_run, s.parent_op,
             b.on_close, coalesce(tenuto.due(s.ready, v_now), v_now), v_now, coalesce(b.first_run, b.run_id), b.parent_first
      from unnest(s_before, s_shard, s_run, s_workflow_id, s_workflow, s_definition, s_start, s_parent_shard, s_parent_run,
                  s_parent_op, s_ready)
        s (before, shard, run_id, workflow_id, workflow, definition, start, parent_shard, parent_run, parent_op, ready)
      cross join lateral (select * from tenuto.run b where b.shard = s.shard and b.run_id = s.before offset 0) b
      where s.before = any (v_ok);
  end if;
  if cardinality(p_run) > 0 then
    insert into tenuto.inbox (shard, run_id, kind, ref, payload)
      select x.shard, x.run_id, x.kind, x.ref, x.payload
      from (select * from unnest(p_shard, p_run, p_kind, p_ref, p_payload, p_source_run) with ordinality
              x (shard, run_id, kind, ref, payload, source, n) limit cardinality(p_run)) x
      join tenuto.run r on r.shard = x.shard and r.run_id = x.run_id and r.status in (0, 7)
      where x.source = any (v_ok) order by x.n;
  end if;
  if v_orphans is not null then
    insert into tenuto.inbox (shard, run_id, kind, ref, payload)
      select r.shard, r.run_id, 2 + r.on_close, '', '["its parent closed"]'
      from (select * from unnest(v_parent_shard, v_parent, v_parent_of) z (shard, first, ending)
            limit cardinality(v_parent)) z
      join tenuto.run r on r.parent_shard = z.shard and coalesce(r.parent_first, r.parent_run) = z.first
      where z.ending = any (v_ok) and r.parent_run is not null and r.status in (0, 1, 7) and r.on_close > 0;
    return query select 3::smallint, null::smallint, null::uuid;
  end if;
end $$;

-- What everybody else may do: start runs and send them news, in a transaction of their own or in the application's.
--
-- Error codes: TN002 the run is closed; TN003 there is no such run; TN004 the workflow id is taken, or the reuse policy
-- forbids another run; TN005 the run is closing, try again.

-- `p_reuse`: allow; reject: never again after any run of that id; if_failed: not after one that completed.
-- Insert first, judge in the NEXT statement: once our row holds the id, every earlier run of it is closed and visible.
create function tenuto.start(
  p_shard smallint, p_run uuid, p_workflow_id text, p_workflow text, p_definition bytea, p_start bytea,
  p_parent_shard smallint, p_parent_run uuid, p_parent_op integer, p_on_close smallint, p_ready timestamptz,
  p_request text, p_reuse text
) returns table (o_made boolean, o_run uuid)
language plpgsql as $$
declare
  v_now timestamptz := tenuto.clock();
  v_run uuid;
  v_status smallint;
begin
  if p_request is not null then
    insert into tenuto.request (at, shard, run_id, workflow_id, request) values (v_now, p_shard, p_run, p_workflow_id, p_request)
      on conflict do nothing;
    if not found then
      return query select false, q.run_id from tenuto.request q
        where q.shard = p_shard and q.workflow_id = p_workflow_id and q.request = p_request;
      return;
    end if;
  end if;
  loop
    insert into tenuto.run (shard, run_id, workflow_id, workflow, definition, snapshot, parent_shard, parent_run, parent_op,
                            on_close, ready_at, started_at)
      values (p_shard, p_run, p_workflow_id, p_workflow, p_definition, p_start, p_parent_shard, p_parent_run, p_parent_op,
              p_on_close, coalesce(tenuto.due(p_ready, v_now), v_now), v_now)
      on conflict do nothing;
    exit when found;
    perform 1 from tenuto.run r where r.shard = p_shard and r.run_id = p_run;
    if found then  -- our own, from an attempt whose reply was lost
      return query select false, p_run;
      return;
    end if;
    select r.run_id into v_run from tenuto.run r
      where r.shard = p_shard and r.workflow_id = p_workflow_id and r.status in (0, 1, 7);
    if found then
      raise exception 'workflow id % is taken', p_workflow_id using errcode = 'TN004', detail = v_run;
    end if;
    -- It was open when we tried to insert and has closed since: try again.
  end loop;
  if p_reuse <> 'allow' then
    select r.run_id, r.status into v_run, v_status from tenuto.run r
      where r.shard = p_shard and r.workflow_id = p_workflow_id and r.status between 2 and 6
      order by r.started_at desc, r.run_id desc limit 1;
    if found and (p_reuse = 'reject' or v_status = 2) then
      raise exception 'workflow id % was used before', p_workflow_id using errcode = 'TN004', detail = v_run;
    end if;
  end if;
  return query select true, p_run;
end $$;

create function tenuto.start_many(
  p_shard smallint[], p_run uuid[], p_workflow_id text[], p_workflow text[], p_definition bytea[], p_start bytea[],
  p_parent_shard smallint[], p_parent_run uuid[], p_parent_op integer[], p_on_close smallint[], p_ready timestamptz[]
) returns table (o_shard smallint, o_run uuid)
language plpgsql as $$
declare
  v_now timestamptz := tenuto.clock();
begin
  return query
    insert into tenuto.run (shard, run_id, workflow_id, workflow, definition, snapshot, parent_shard, parent_run, parent_op,
                            on_close, ready_at, started_at)
    select x.shard, x.run_id, x.workflow_id, x.workflow, x.definition, x.start, x.parent_shard, x.parent_run, x.parent_op,
           x.on_close, coalesce(tenuto.due(x.ready, v_now), v_now), v_now
    from unnest(p_shard, p_run, p_workflow_id, p_workflow, p_definition, p_start, p_parent_shard, p_parent_run,
                p_parent_op, p_on_close, p_ready)
      x (shard, run_id, workflow_id, workflow, definition, start, parent_shard, parent_run, parent_op, on_close, ready)
    order by x.shard, x.workflow_id
    on conflict do nothing returning shard, run_id;
end $$;

-- Put news into the inbox of the run that holds a workflow id. True: accepted now; false: this request was accepted before.
-- Request first, key-share lock second, inbox third. The run's row is never written: nothing to overwrite, nothing to wait for.
create function tenuto.post(p_shard smallint, p_workflow_id text, p_kind smallint, p_ref text, p_payload bytea, p_request text)
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
  if p_kind in (4, 6) then
    -- An order is an operator's pardon: a run that was parked for its strikes may be claimed again.
    update tenuto.run r set strikes = 0, ready_at = tenuto.clock() where (r.shard, r.run_id) in (
      select r2.shard, r2.run_id from tenuto.run r2
      where r2.shard = p_shard and r2.run_id = v_run and r2.status = 7 and r2.owner is null and r2.strikes > 0
      for no key update skip locked);
  end if;
  return true;
end $$;

-- Hints for those who wait; nothing depends on them. A statement of its own, never part of the write it follows: NOTIFY takes
-- an instance-wide lock while it commits, and this commit waits for no disk.
create function tenuto.hint(p_news boolean, p_closed boolean) returns void language plpgsql as $$
begin
  perform set_config('synchronous_commit', 'off', true);
  if p_news then
    perform pg_notify('tenuto_news', '');
  end if;
  if p_closed then
    perform pg_notify('tenuto_closed', '');
  end if;
end $$;

-- Store a definition and make it the one new runs use. False when it already was.
create function tenuto.deploy(p_digest bytea, p_workflow text, p_program bytea, p_source text, p_form text, p_file text)
returns boolean
language plpgsql as $$
begin
  -- Two daemons that deploy the same files at once: one after the other.
  perform pg_advisory_xact_lock(hashtextextended('tenuto deploy ' || p_workflow, 0));
  insert into tenuto.definition (digest, workflow, version, program, source, form, file, at)
    select p_digest, p_workflow, coalesce(max(d.version), 0) + 1, p_program, p_source, p_form, p_file, tenuto.clock()
    from tenuto.definition d where d.workflow = p_workflow
    on conflict (digest) do nothing;
  insert into tenuto.deployment (workflow, digest, at) values (p_workflow, p_digest, tenuto.clock())
    on conflict (workflow) do update set digest = excluded.digest, at = excluded.at
    where tenuto.deployment.digest <> excluded.digest;
  return found;
end $$;

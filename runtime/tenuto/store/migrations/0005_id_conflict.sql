-- Before the programs change: it adds, and takes nothing away.
--
-- `tenuto.start` with a policy for an id that an open run has. `p_conflict`: fail; use: answer with that run, also to this
-- request when it comes again. It is found in the statement after the insert that met it, so it was open at some moment of
-- the call; whoever wants it to stay so sends it a message. Error code TN008: the id was used before, and `p_reuse` forbids
-- another run.
create function tenuto.start(
  p_shard smallint, p_run uuid, p_workflow_id text, p_workflow text, p_definition bytea, p_start bytea,
  p_parent_shard smallint, p_parent_run uuid, p_parent_op integer, p_on_close smallint, p_ready timestamptz,
  p_request text, p_reuse text, p_conflict text
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
    if found and p_conflict = 'use' then
      if p_request is not null then
        update tenuto.request q set run_id = v_run
          where q.shard = p_shard and q.workflow_id = p_workflow_id and q.request = p_request;
      end if;
      return query select false, v_run;
      return;
    elsif found then
      raise exception 'workflow id % is taken', p_workflow_id using errcode = 'TN004', detail = v_run;
    end if;
    -- It was open when we tried to insert and has closed since: try again.
  end loop;
  if p_reuse <> 'allow' then
    select r.run_id, r.status into v_run, v_status from tenuto.run r
      where r.shard = p_shard and r.workflow_id = p_workflow_id and r.status between 2 and 6
      order by r.started_at desc, r.run_id desc limit 1;
    if found and (p_reuse = 'reject' or v_status = 2) then
      raise exception 'workflow id % was used before', p_workflow_id using errcode = 'TN008', detail = v_run;
    end if;
  end if;
  return query select true, p_run;
end $$;

"""What a lane may rely on, whatever the store: claims, flushes, closes. Run against every implementation."""

from __future__ import annotations

import json

import pytest
from tenuto.store.protocol import (
    ClientStore,
    Doubt,
    Flush,
    LaneStore,
    NewsKind,
    Post,
    Rejected,
    RunClosed,
    RunKey,
    Status,
)
from tenuto.store.refusal import child_ref, unanswered

from tests.runtime.store.kit import Face, close, closing, new, rest, started, steps, take

# -- claims


def test_a_started_run_is_claimed_once_with_its_start(client: ClientStore, lane: LaneStore) -> None:
    parent = RunKey(7, b"p" * 16)
    key, _ = client.start(new("a", parent=parent, parent_op=3))
    (run,) = lane.claim(10)
    assert (run.key, run.workflow_id, run.definition) == (key, "a", b"digest")
    assert (run.snapshot_seq, run.snapshot, run.tail, run.news, run.strikes) == (0, b"start of a", [], [], 0)
    assert (run.parent, run.parent_op) == (parent, 3)
    assert lane.claim(10) == []


def test_two_lanes_never_hold_the_same_run(face: Face, client: ClientStore) -> None:
    client.start_many([new(f"r{n}") for n in range(20)])
    one, two = face.lane(), face.lane()
    assert one.lane != two.lane
    first, second = take(one, 7), take(two, 100)
    assert len(first) == 7
    assert len(second) == 13
    assert not first.keys() & second.keys()


def test_a_delayed_run_waits_and_the_earliest_comes_first(face: Face, client: ClientStore, lane: LaneStore) -> None:
    now = lane.now()
    client.start_many([new("later", ready_at=now + 60_000_000), new("soon", ready_at=now + 30_000_000)])
    assert lane.claim(10) == []
    assert lane.next_ready_at() == now + 30_000_000
    face.advance(31)
    assert list(take(lane)) == ["soon"]
    assert lane.next_ready_at() == now + 60_000_000
    face.advance(31)
    assert list(take(lane)) == ["later"]
    assert lane.next_ready_at() is None


def test_a_time_long_past_is_due_now(client: ClientStore, lane: LaneStore) -> None:
    for n in range(3):
        client.start(new(f"old{n}", ready_at=n))
        run = take(lane)[f"old{n}"]
        lane.flush(Flush(rewrites=[rest(run.key, ready_at=5)]))
        assert list(take(lane)) == [f"old{n}"]
    assert lane.next_ready_at() is None


def test_a_claim_hands_over_tail_and_news_in_order(client: ClientStore, lane: LaneStore) -> None:
    (run,) = started(client, lane, "a")
    lane.flush(Flush(history=steps(run, b"1", b"2", b"3"), rewrites=[rest(run.key, 1)]))
    for n in range(3):
        client.post("a", NewsKind.SIGNAL, b"news %d" % n, request=f"m{n}")
    again = take(lane)["a"]
    assert (again.snapshot, again.snapshot_seq, again.tail) == (b"snapshot", 1, [b"2", b"3"])
    assert [(n.kind, n.ref, n.payload) for n in again.news] == [(1, f"m{n}", b"news %d" % n) for n in range(3)]
    assert [n.id for n in again.news] == sorted(n.id for n in again.news)
    assert all(n.key == run.key for n in again.news)


def test_news_alone_wakes_an_idle_run(client: ClientStore, lane: LaneStore) -> None:
    (run,) = started(client, lane, "a")
    lane.flush(Flush(rewrites=[rest(run.key)]))
    assert lane.claim(10) == []
    client.post("a", NewsKind.SIGNAL, b"x")
    assert list(take(lane)) == ["a"]


def test_neither_due_runs_nor_news_starve_the_other(client: ClientStore, lane: LaneStore) -> None:
    quiet = [f"quiet{n}" for n in range(6)]
    lane.flush(Flush(rewrites=[rest(run.key) for run in started(client, lane, *quiet)]))
    for name in quiet:
        client.post(name, NewsKind.SIGNAL, b"x")
    client.start_many([new(f"due{n}") for n in range(6)])
    names = list(take(lane, 4))
    assert len(names) == 4
    assert sum(name.startswith("due") for name in names) == 2
    assert len(take(lane, 100)) == 8


def test_owned_news_is_read_where_it_is(face: Face, client: ClientStore, lane: LaneStore) -> None:
    started(client, lane, "a", "b")
    other = face.lane()
    client.post("b", NewsKind.SIGNAL, b"1")
    client.post("a", NewsKind.SIGNAL, b"2")
    client.start(new("c"))
    client.post("c", NewsKind.SIGNAL, b"not ours")
    assert [n.payload for n in lane.news()] == [b"1", b"2"]
    assert [n.payload for n in lane.news()] == [b"1", b"2"]
    assert other.news() == []


# -- flushes


def test_exactly_the_consumed_rows_go(client: ClientStore, lane: LaneStore) -> None:
    (run,) = started(client, lane, "a")
    for n in range(3):
        client.post("a", NewsKind.SIGNAL, b"%d" % n)
    first, second, third = lane.news()
    lane.flush(Flush(history=steps(run, b"x"), consumed=[(run.key, first.id), (run.key, third.id)]))
    assert lane.news() == [second]
    assert client.unread(run.key) == [second]
    with pytest.raises(Doubt):  # our memory is wrong: the lane has to die
        lane.flush(Flush(history=steps(run, b"y", after=1), consumed=[(run.key, first.id)]))
    assert [row.payload for row in client.history(run.key)] == [b"x"]


def test_a_flush_is_all_or_nothing(face: Face, client: ClientStore, lane: LaneStore) -> None:
    good, bad = started(client, lane, "good", "bad")
    flush = Flush(history=steps(good, b"1") + steps(bad, b"1"), attributes=[(bad.key, b"{not json")])
    with pytest.raises(Rejected):
        lane.flush(flush)
    assert client.history(good.key) == []
    lane.flush(Flush(history=steps(good, b"1")))
    assert [row.payload for row in client.history(good.key)] == [b"1"]


@pytest.mark.parametrize("text", ["\udc00", "NUL\0", "x" * 5000])
def test_a_text_that_cannot_be_stored_is_the_datas_fault(client: ClientStore, lane: LaneStore, text: str) -> None:
    (run,) = started(client, lane, "a")
    with pytest.raises(Rejected):
        lane.flush(Flush(history=steps(run, b"1"), children=[_child(text)]))
    assert lane.flush(Flush(history=steps(run, b"1"))).closed == set()
    with pytest.raises(Rejected):
        client.start(_child(text))


def _child(workflow_id: str):
    child = new("stand-in")
    child.workflow_id = workflow_id
    return child


def test_payloads_are_bytes(client: ClientStore, lane: LaneStore) -> None:
    (run,) = started(client, lane, "a")
    payload = bytes(range(256)) * 5000
    lane.flush(Flush(history=steps(run, payload, b"")))
    assert [row.payload for row in client.history(run.key)] == [payload, b""]


def test_a_run_of_another_lane_stops_the_lane(face: Face, client: ClientStore, lane: LaneStore) -> None:
    (run,) = started(client, lane, "a")
    other = face.lane()
    for flush in (Flush(rewrites=[rest(run.key)]), Flush(closing=[closing(run.key, 0)])):
        with pytest.raises(Doubt):
            other.flush(flush)


def test_a_history_row_cannot_be_written_twice(client: ClientStore, lane: LaneStore) -> None:
    (run,) = started(client, lane, "a")
    lane.flush(Flush(history=steps(run, b"1")))
    with pytest.raises(Doubt):
        lane.flush(Flush(history=steps(run, b"other", after=0)))
    assert [row.payload for row in client.history(run.key)] == [b"1"]


def test_release_gives_back_and_checkpoint_keeps(face: Face, client: ClientStore, lane: LaneStore) -> None:
    kept, idle = started(client, lane, "kept", "idle")
    soon = lane.now() + 5_000_000
    lane.flush(
        Flush(
            history=steps(kept, b"1") + steps(idle, b"1"),
            rewrites=[rest(kept.key, 1, soon, release=False), rest(idle.key, 1, soon)],
        )
    )
    view = client.view("kept")
    assert view is not None
    assert (view.owner, view.snapshot_seq, view.snapshot, view.states) == (lane.lane, 1, b"snapshot", "resting")
    other = client.view("idle")
    assert other is not None
    assert (other.owner, other.ready_at) == (None, soon)
    face.advance(6)
    assert list(take(lane)) == ["idle"]


def test_attributes_with_and_without_a_rewrite(client: ClientStore, lane: LaneStore) -> None:
    a, b, c = started(client, lane, "a", "b", "c")
    lane.flush(
        Flush(
            attributes=[(run.key, json.dumps({"n": run.workflow_id}).encode()) for run in (a, b, c)],
            rewrites=[rest(b.key)],
            closing=[closing(c.key, 0)],
        )
    )
    for name in "abc":
        view = client.view(name)
        assert view is not None
        assert view.attributes is not None
        assert json.loads(view.attributes) == {"n": name}
    lane.flush(Flush(rewrites=[rest(a.key)]))
    view = client.view("a")
    assert view is not None
    assert view.attributes == b'{"n": "a"}'


def test_posts_reach_open_runs_and_those_with_a_source_only_its_close(client: ClientStore, lane: LaneStore) -> None:
    source, target, gone = started(client, lane, "source", "target", "gone")
    close(lane, gone.key)
    posts = [
        Post(target.key, NewsKind.SIGNAL, "now", b"1"),
        Post(target.key, NewsKind.CHILD, "later", b"2", source=source.key),
        Post(gone.key, NewsKind.SIGNAL, "never", b"3"),
    ]
    lane.flush(Flush(posts=posts))
    assert [n.ref for n in lane.news()] == ["now"]
    lane.flush(Flush(posts=[posts[1]], closing=[closing(source.key, 0)]))
    assert [n.ref for n in lane.news()] == ["now", "later"]


def test_news_by_workflow_id(client: ClientStore, lane: LaneStore) -> None:
    (run,) = started(client, lane, "a")
    lane.flush(
        Flush(
            by_workflow_id=[("a", 1, "m1", b"1"), ("nobody", 1, "m2", b"2"), ("a", 1, "m3", b"3"), ("a", 4, "m4", b"4")]
        )
    )
    assert [(n.ref, n.kind) for n in lane.news()] == [("m1", 1), ("m3", 1), ("m4", 4)]
    assert all(n.key == run.key for n in lane.news())


# -- children


def test_children_start_and_refusals_reach_the_parent(client: ClientStore, lane: LaneStore) -> None:
    (parent,) = started(client, lane, "parent")
    client.start(new("taken"))
    made = new("child", parent=parent.key, parent_op=4)
    refused = new("taken", parent=parent.key, parent_op=5)
    twin = new("child", parent=parent.key, parent_op=6)
    flushed = lane.flush(Flush(history=steps(parent, b"1"), children=[made, refused, twin]))
    assert flushed.not_started == {refused.key, twin.key}
    told = {json.loads(n.payload)[1]: json.loads(n.payload) for n in lane.news()}
    assert told.keys() == {5, 6}
    assert told[5][0] == "failed"
    assert told[5][2][0] == "WorkflowIdTaken"
    child = take(lane)["child"]
    assert (child.key, child.parent, child.parent_op) == (made.key, parent.key, 4)


def test_a_childs_result_arrives_once_when_both_close_apart(client: ClientStore, lane: LaneStore) -> None:
    (parent,) = started(client, lane, "parent")
    lane.flush(Flush(children=[new("child", parent=parent.key, parent_op=1)]))
    child = take(lane)["child"]
    done = Post(parent.key, NewsKind.CHILD, "child", b"done", source=child.key)
    lane.flush(Flush(posts=[done], closing=[closing(child.key, 0)]))
    assert [n.payload for n in lane.news()] == [b"done"]


def test_parent_and_child_close_in_the_same_flush(client: ClientStore, lane: LaneStore) -> None:
    (parent,) = started(client, lane, "parent")
    lane.flush(Flush(children=[new("child", parent=parent.key, parent_op=1)]))
    child = take(lane)["child"]
    done = Post(parent.key, NewsKind.CHILD, "child", b"done", source=child.key)
    flushed = lane.flush(Flush(posts=[done], closing=[closing(child.key, 0), closing(parent.key, 0)]))
    assert flushed.closed == {parent.key, child.key}
    assert lane.news() == []
    assert [row.kind for row in client.history(parent.key)] == ["closed"]
    assert [row.kind for row in client.history(child.key)] == ["closed"]


def test_a_closing_parent_orders_its_open_children(client: ClientStore, lane: LaneStore) -> None:
    (parent,) = started(client, lane, "parent")
    kinds = ("abandon", "cancel", "terminate")
    lane.flush(Flush(children=[new(kind, parent=parent.key, parent_op=1, on_close=kind) for kind in kinds]))
    closed = new("closed", parent=parent.key, parent_op=1)
    lane.flush(Flush(children=[closed]))
    take(lane)
    close(lane, closed.key)
    close(lane, parent.key)
    views = {name: client.view(name) for name in kinds}
    orders = {name: [n.kind for n in client.unread(view.key)] for name, view in views.items() if view}
    assert orders == {"abandon": [], "cancel": [NewsKind.CANCEL], "terminate": [NewsKind.TERMINATE]}


def test_children_outlive_a_continued_run_until_its_chain_ends(client: ClientStore, lane: LaneStore) -> None:
    (first,) = started(client, lane, "parent")
    kinds = ("abandon", "cancel", "terminate")
    lane.flush(Flush(children=[new(kind, parent=first.key, on_close=kind) for kind in kinds]))
    second = new("parent")
    lane.flush(Flush(closing=[closing(first.key, 0, Status.CONTINUED, successor=second)]))
    taken = take(lane)

    def orders() -> dict[str, list[int]]:
        views = {name: client.view(name) for name in kinds}
        return {name: [n.kind for n in client.unread(view.key)] for name, view in views.items() if view}

    assert orders() == {"abandon": [], "cancel": [], "terminate": []}
    after = new("abandon", parent=first.key)  # its row would say: terminate
    lane.flush(Flush(closing=[closing(taken["abandon"].key, 0, Status.CONTINUED, successor=after)]))
    close(lane, second.key)
    assert orders() == {"abandon": [], "cancel": [NewsKind.CANCEL], "terminate": [NewsKind.TERMINATE]}


def test_the_open_children_a_run_waits_for(client: ClientStore, lane: LaneStore) -> None:
    (first,) = started(client, lane, "parent")
    lane.flush(Flush(children=[new("early", parent=first.key, parent_op=3)]))
    second = new("parent")
    lane.flush(Flush(closing=[closing(first.key, 0, Status.CONTINUED, successor=second)]))
    taken = take(lane)
    made = {3: "awaited", 5: "closed", 7: "continued", 8: "refused"}
    client.start(new("refused"))
    children = [new(name, parent=second.key, parent_op=op) for op, name in made.items()]
    lane.flush(Flush(children=[*children, new("detached", parent=second.key)]))
    taken |= take(lane)
    close(lane, taken["closed"].key)
    again = new("continued", parent=second.key, parent_op=7)
    lane.flush(Flush(closing=[closing(taken["continued"].key, 0, Status.CONTINUED, successor=again)]))
    assert client.open_children(second.key) == {3: "awaited", 7: "continued"}
    assert client.open_children(first.key) == {3: "early"}
    assert client.open_children(again.key) == {}


def test_a_chain_answers_for_its_own_children_only(client: ClientStore, lane: LaneStore) -> None:
    """Not for those of an earlier chain of the same workflow id, which have had their order."""
    (first,) = started(client, lane, "parent")
    lane.flush(Flush(children=[new("old", parent=first.key, on_close="cancel")]))
    second, third = new("parent"), new("parent")
    lane.flush(Flush(closing=[closing(first.key, 0, Status.CONTINUED, successor=second)]))
    take(lane)
    close(lane, second.key)
    started(client, lane, "parent")
    view = client.view("parent")
    assert view is not None
    made = new("young", parent=view.key, on_close="cancel")
    lane.flush(Flush(children=[made], closing=[closing(view.key, 0, Status.CONTINUED, successor=third)]))
    take(lane)
    late = new("late", parent=third.key, on_close="terminate")
    lane.flush(Flush(children=[late]))
    fourth = new("parent")
    lane.flush(Flush(closing=[closing(third.key, 0, Status.CONTINUED, successor=fourth)]))
    take(lane)
    close(lane, fourth.key)
    views = {name: client.view(name) for name in ("old", "young", "late")}
    orders = {name: [n.kind for n in client.unread(view.key)] for name, view in views.items() if view}
    assert orders == {"old": [NewsKind.CANCEL], "young": [NewsKind.CANCEL], "late": [NewsKind.TERMINATE]}


def test_the_last_of_a_chain_is_known_when_another_run_has_the_id(client: ClientStore, lane: LaneStore) -> None:
    (first,) = started(client, lane, "a")
    assert client.last_of_chain(first.key) is None
    before = first.key
    keys = [first.key]
    for _ in range(3):
        after = new("a")
        lane.flush(Flush(closing=[closing(before, 0, Status.CONTINUED, successor=after)]))
        take(lane)
        before = after.key
        keys.append(before)
        assert {client.last_of_chain(key) for key in keys} == {before}
    close(lane, before)
    assert {client.last_of_chain(key) for key in keys} == {before}
    (other,) = started(client, lane, "a")
    assert {client.last_of_chain(key) for key in keys} == {before}
    assert client.last_of_chain(other.key) is None
    close(lane, other.key)
    assert {client.last_of_chain(key) for key in keys} == {before}


def test_a_cancellation_is_for_the_child_and_not_for_whoever_has_its_id(client: ClientStore, lane: LaneStore) -> None:
    parent, other = started(client, lane, "parent", "other")
    cancel = ("child", int(NewsKind.CANCEL), child_ref(parent.key, 4), b"c")
    lane.flush(Flush(children=[new("child", parent=parent.key, parent_op=4)], by_workflow_id=[cancel]))
    child = take(lane)["child"]
    assert [n.kind for n in child.news] == [NewsKind.CANCEL], "even when both are of one flush"
    successor = new("child", parent=parent.key, parent_op=4)
    closed = closing(child.key, 0, Status.CONTINUED, successor=successor)
    lane.flush(Flush(consumed=[(n.key, n.id) for n in child.news], closing=[closed]))
    lane.flush(Flush(by_workflow_id=[cancel]))
    assert [n.kind for n in client.unread(successor.key)] == [NewsKind.CANCEL], "who continues it is meant too"
    close(lane, take(lane)["child"].key)
    for stranger in (
        new("child"),
        new("child", parent=parent.key, parent_op=5),
        new("child", parent=other.key, parent_op=4),
    ):
        client.start(stranger)
        lane.flush(Flush(by_workflow_id=[cancel]))
        assert client.unread(stranger.key) == []
        take(lane)
        close(lane, stranger.key)


def test_what_nobody_takes_is_told(client: ClientStore, lane: LaneStore) -> None:
    (run,) = started(client, lane, "a")
    posts = [("nobody", int(NewsKind.SIGNAL), "m1", b"1"), ("a", int(NewsKind.SIGNAL), "m2", b"2")]
    assert lane.flush(Flush(by_workflow_id=posts)).undelivered == [0]
    assert [news.ref for news in client.unread(run.key)] == ["m2"]


# -- closing


def test_a_close_is_final(client: ClientStore, lane: LaneStore) -> None:
    (run,) = started(client, lane, "a")
    flushed = lane.flush(Flush(history=steps(run, b"1"), closing=[closing(run.key, 1, Status.FAILED)]))
    assert flushed.closed == {run.key}
    view = client.view("a")
    assert view is not None
    assert (view.status, view.outcome, view.states, view.owner) == (Status.FAILED, b"outcome", "done", None)
    assert view.closed_at is not None
    assert client.outcomes([run.key]) == {run.key: (Status.FAILED, b"outcome")}
    rows = client.history(run.key)
    assert [(row.seq, row.kind) for row in rows] == [(1, "step"), (2, "closed")]
    assert json.loads(rows[-1].payload) == ["failed"]
    assert lane.claim(10) == []
    with pytest.raises(RunClosed) as caught:
        client.post("a", NewsKind.SIGNAL, b"x")
    assert caught.value.args == ("a", Status.FAILED)
    with pytest.raises(Doubt):
        lane.flush(Flush(rewrites=[rest(run.key)]))


def test_left_over_news_is_logged_as_unhandled_in_order(client: ClientStore, lane: LaneStore) -> None:
    (run,) = started(client, lane, "a")
    for n in range(3):
        client.post("a", NewsKind.SIGNAL if n else NewsKind.UPDATE, b"%d" % n, request=f"m{n}")
    lane.flush(Flush(history=steps(run, b"s"), closing=[closing(run.key, 1)]))
    rows = client.history(run.key)
    assert [row.seq for row in rows] == [1, 2, 3, 4, 5]
    assert [(r.kind, r.ref, r.news, r.payload) for r in rows[1:4]] == [
        ("unhandled", "m0", NewsKind.UPDATE, b"0"),
        ("unhandled", "m1", NewsKind.SIGNAL, b"1"),
        ("unhandled", "m2", NewsKind.SIGNAL, b"2"),
    ]
    assert client.unread(run.key) == []
    assert client.history(run.key, after=3, limit=1)[0].seq == 4


def test_continue_as_new_hands_id_and_news_on(client: ClientStore, lane: LaneStore) -> None:
    (run,) = started(client, lane, "a")
    client.post("a", NewsKind.SIGNAL, b"1", request="m1")
    client.post("a", NewsKind.SIGNAL, b"2", request="m2")
    next_run = new("a", start=b"again")
    lane.flush(Flush(history=steps(run, b"s"), closing=[closing(run.key, 1, Status.CONTINUED, successor=next_run)]))
    assert [row.kind for row in client.history(run.key)] == ["step", "closed"]
    client.post("a", NewsKind.SIGNAL, b"3", request="m3")
    assert client.post("a", NewsKind.SIGNAL, b"1", request="m1") is False
    taken = take(lane)["a"]
    assert taken.key == next_run.key
    assert taken.snapshot == b"again"
    assert [n.ref for n in taken.news] == ["m1", "m2", "m3"]
    view = client.view("a")
    assert view is not None
    assert view.key == next_run.key


def test_an_update_that_no_run_took_is_answered_when_its_run_ends(client: ClientStore, lane: LaneStore) -> None:
    (run,) = started(client, lane, "a")
    client.post("a", NewsKind.UPDATE, b"u", request="u1")
    client.post("a", NewsKind.SIGNAL, b"s", request="s1")
    successor = new("a")
    lane.flush(Flush(closing=[closing(run.key, 0, Status.CONTINUED, successor=successor)]))
    assert client.answer("a", "u1") is None, "who continues the run takes it"
    close(lane, take(lane)["a"].key, status=Status.FAILED)
    assert client.answer("a", "u1") == unanswered(Status.FAILED)
    assert client.answer("a", "s1") is None


def test_answers_reach_the_asker(client: ClientStore, lane: LaneStore) -> None:
    started(client, lane, "a")
    client.post("a", NewsKind.UPDATE, b"u", request="u1")
    assert client.answer("a", "u1") is None
    lane.flush(Flush(answers=[("a", "u1", b"done"), ("a", "never asked", b"x")]))
    assert client.answer("a", "u1") == b"done"
    assert client.answer("a", "never asked") is None

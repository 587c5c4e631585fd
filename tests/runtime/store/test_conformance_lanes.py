"""How lanes live, die and are taken over, and what becomes of runs that take their lanes down with them."""

from __future__ import annotations

import pytest
from tenuto.store import strikes
from tenuto.store.protocol import ClientStore, Fenced, Flush, LaneStore, NewsKind, Status

from tests.runtime.store.kit import TTL_MS, Face, closing, new, rest, started, steps, take


def _take_down(face: Face, watcher: LaneStore, *, careful: bool = False) -> int:
    """Claim everything with a new lane and let it die; returns how many runs it held."""
    lane = face.lane()
    held = len(lane.claim(100, careful=careful))
    lane.abandon()
    assert watcher.reap(force=[lane.lane]) == held
    return held


def test_a_reaped_lane_can_do_nothing(face: Face, client: ClientStore, lane: LaneStore) -> None:
    (run,) = started(client, lane, "a")
    heir = face.lane()
    assert heir.reap(force=[lane.lane]) == 1
    for act in (
        lambda: lane.flush(Flush(history=steps(run, b"stale"))),
        lambda: lane.flush(Flush(rewrites=[rest(run.key)])),
        lambda: lane.flush(Flush(closing=[closing(run.key, 0)])),
        lambda: lane.claim(10),
        lambda: lane.news(),
    ):
        with pytest.raises(Fenced):
            act()
    assert client.history(run.key) == []
    assert take(heir)["a"].strikes == 1


def test_what_the_dead_lane_committed_is_not_lost(face: Face, client: ClientStore, lane: LaneStore) -> None:
    (run,) = started(client, lane, "a")
    client.post("a", NewsKind.SIGNAL, b"unread")
    lane.flush(Flush(history=steps(run, b"1", b"2")))
    heir = face.lane()
    heir.reap(force=[lane.lane])
    taken = take(heir)["a"]
    assert taken.tail == [b"1", b"2"]
    assert [n.payload for n in taken.news] == [b"unread"]


def test_a_living_lane_is_not_reaped(face: Face, client: ClientStore, lane: LaneStore) -> None:
    started(client, lane, "a")
    heart, watcher = face.heart(), face.lane()
    for _ in range(6):
        face.monotonic += TTL_MS / 2000
        face.advance(TTL_MS / 2000)
        assert heart.beat([lane.lane, watcher.lane, 999_999], TTL_MS) == {lane.lane, watcher.lane}
        assert watcher.reap() == 0
    lane.news()


def test_a_silent_lane_is_reaped_after_its_lease_by_both_clocks(
    face: Face, client: ClientStore, lane: LaneStore
) -> None:
    started(client, lane, "a")
    watcher, heart = face.lane(), face.heart()
    assert watcher.reap() == 0
    face.advance(86_400)  # the database's clock jumps a day ahead: nobody dies of that
    assert watcher.reap() == 0
    face.monotonic += TTL_MS / 1000 + 0.1
    heart.beat([watcher.lane], TTL_MS)
    for _ in range(100):  # its connection, if there is one, is cut first
        if watcher.reap():
            break
    assert heart.beat([lane.lane], TTL_MS) == set()
    assert list(take(watcher)) == ["a"]


def test_a_clock_set_back_keeps_no_dead_lane_alive(face: Face, client: ClientStore, lane: LaneStore) -> None:
    started(client, lane, "a")
    watcher = face.lane()
    face.advance(-86_400)
    assert watcher.reap() == 0
    face.monotonic += 4 * TTL_MS / 1000 + 0.1
    assert any(watcher.reap() for _ in range(100))


def test_an_abandoned_lane_is_found_dead(face: Face, client: ClientStore, lane: LaneStore) -> None:
    started(client, lane, "a")
    watcher = face.lane()
    lane.abandon()
    lane.close()
    assert any(watcher.reap() for _ in range(1000))
    assert take(watcher)["a"].strikes == 1


def test_a_lane_that_leaves_gives_back_without_a_strike(face: Face, client: ClientStore, lane: LaneStore) -> None:
    started(client, lane, "a")
    lane.close()
    lane.close()
    assert take(face.lane())["a"].strikes == 0


def test_a_flush_takes_all_strikes_away(face: Face, client: ClientStore, lane: LaneStore) -> None:
    client.start(new("a"))
    _take_down(face, lane)
    run = take(lane)["a"]
    assert run.strikes == 1
    lane.flush(Flush(history=steps(run, b"1")))
    view = client.view("a")
    assert view is not None
    assert view.strikes == 0


def test_runs_with_strikes_wait_and_come_apart(face: Face, client: ClientStore, lane: LaneStore) -> None:
    client.start_many([new("a"), new("b")])
    _take_down(face, lane)
    assert _take_down(face, lane) == 2
    client.start(new("innocent"))
    assert list(take(lane)) == ["innocent"]
    assert lane.claim(10, careful=True) == []  # not yet
    face.advance(strikes.pause_ms(2) / 1000 + 0.1)
    assert lane.claim(10) == []
    (first,) = lane.claim(1, careful=True)
    assert first.strikes == 2
    (second,) = lane.claim(10, careful=True)
    assert {first.workflow_id, second.workflow_id} == {"a", "b"}


def test_groups_of_runs_with_strikes_shrink(face: Face, client: ClientStore, lane: LaneStore) -> None:
    client.start_many([new(f"w{n}") for n in range(40)])
    _take_down(face, lane)
    assert _take_down(face, lane) == 40
    taken = []
    for _ in range(4):
        face.advance(10)
        taken.append(_take_down(face, lane, careful=True))
    assert taken[0] == strikes.group(2) == 32
    assert sorted(taken[1:]) == [8, 8, 8]  # the rest of those with two strikes, and two groups of three
    assert strikes.group(3) == 8
    face.advance(61)
    while found := lane.claim(100, careful=True):
        assert len(found) <= strikes.group(found[0].strikes)
        assert len({run.strikes for run in found}) == 1


def test_an_unsettled_run_keeps_its_strikes(face: Face, client: ClientStore, lane: LaneStore) -> None:
    client.start(new("a"))
    _take_down(face, lane)
    _take_down(face, lane)
    face.advance(2)
    (run,) = lane.claim(10, careful=True)
    later = lane.now() + 3_600_000_000
    flush = Flush(history=steps(run, b"lost"), attributes=[(run.key, b"{}")], unsettled={run.key})
    lane.flush(flush)
    lane.flush(Flush(rewrites=[rest(run.key, 1, later)], unsettled={run.key}))
    view = client.view("a")
    assert view is not None
    assert (view.strikes, view.owner, view.ready_at) == (2, None, later)
    assert lane.claim(10, careful=True) == []
    assert lane.next_ready_at() == later
    client.post("a", NewsKind.SIGNAL, b"x")  # its pause is over: it need not wait for its timer
    assert lane.claim(10) == []
    (again,) = lane.claim(10, careful=True)
    lane.flush(Flush(history=steps(again, b"2")))
    view = client.view("a")
    assert view is not None
    assert view.strikes == 0


def test_news_does_not_shorten_the_pause(face: Face, client: ClientStore, lane: LaneStore) -> None:
    client.start(new("a"))
    _take_down(face, lane)
    _take_down(face, lane)
    client.post("a", NewsKind.SIGNAL, b"x")
    assert lane.claim(10) == []
    assert lane.claim(10, careful=True) == []


def test_eight_strikes_park_and_an_order_pardons(face: Face, client: ClientStore, lane: LaneStore) -> None:
    client.start(new("a"))
    for n in range(strikes.PARKED):
        assert _take_down(face, lane, careful=n >= strikes.CAREFUL) == 1, n
        face.advance(61)
    view = client.view("a")
    assert view is not None
    assert (view.status, view.strikes, view.owner) == (Status.PARKED, 8, None)
    assert view.parked == strikes.parked_reason(8)
    client.post("a", NewsKind.SIGNAL, b"is kept")
    assert lane.claim(10) == lane.claim(10, careful=True) == []
    assert lane.next_ready_at() is None
    client.post("a", NewsKind.RETRY, b"")
    run = take(lane)["a"]
    assert [n.kind for n in run.news] == [NewsKind.SIGNAL, NewsKind.RETRY]
    view = client.view("a")
    assert view is not None
    assert (view.status, view.parked, view.strikes) == (Status.OPEN, None, 0)


def test_a_run_parked_by_its_program_wakes_for_orders_only(face: Face, client: ClientStore, lane: LaneStore) -> None:
    (run,) = started(client, lane, "a")
    lane.flush(Flush(rewrites=[rest(run.key, ready_at=lane.now(), parked="division by zero")]))
    view = client.view("a")
    assert view is not None
    assert (view.status, view.parked) == (Status.PARKED, "division by zero")
    client.post("a", NewsKind.SIGNAL, b"x")
    client.post("a", NewsKind.CANCEL, b"x")
    assert lane.claim(10) == []
    assert lane.next_ready_at() is None
    client.post("a", NewsKind.TERMINATE, b"x")
    taken = take(lane)["a"]
    # Were the order consumed and the lane to die now, nothing but being open would wake the run.
    lane.flush(Flush(history=steps(taken, b"1"), consumed=[(n.key, n.id) for n in taken.news]))
    heir = face.lane()
    heir.reap(force=[lane.lane])
    assert list(take(heir)) == ["a"]


def test_runs_of_unfit_definitions_are_left_to_others(face: Face, client: ClientStore, lane: LaneStore) -> None:
    (run,) = started(client, lane, "a")
    definition = run.definition
    lane.give_back([run.key])
    view = client.view("a")
    assert view is not None
    assert (view.owner, view.strikes) == (None, 0)
    client.post("a", NewsKind.SIGNAL, b"[]")
    assert lane.claim(10, unfit={definition}) == []
    assert lane.next_ready_at({definition}) is None
    assert lane.next_ready_at() is not None
    (again,) = face.lane().claim(10, unfit={b"other"})
    assert again.key == run.key
    assert (again.snapshot_seq, again.snapshot, len(again.news)) == (0, run.snapshot, 1)


def test_what_is_to_be_terminated_is_for_everybody(face: Face, client: ClientStore, lane: LaneStore) -> None:
    (run,) = started(client, lane, "a")
    lane.give_back([run.key])
    client.post("a", NewsKind.TERMINATE, b"[]")
    assert [found.key for found in lane.claim(10, unfit={run.definition})] == [run.key]

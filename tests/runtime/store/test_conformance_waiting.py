"""What lets runs wait for some engines only, and attempts for their turn: queues and rates."""

from __future__ import annotations

import threading

import pytest
from tenuto.store.protocol import ClientStore, Fenced, Flush, LaneStore, NewsKind, RunKey

from tests.runtime.store.kit import Face, close, new, rest, started, steps, take

SECOND = 1_000_000


def _release(lane: LaneStore, key: RunKey, queue: str, ready_at: int | None = None) -> None:
    lane.enqueue([(key, queue)])
    lane.flush(Flush(rewrites=[rest(key, ready_at=ready_at)]))


def _taken(lane: LaneStore, *queues: str, limit: int = 100) -> list[str]:
    return [run.workflow_id for run in lane.claim(limit, queues=queues)]


# -- queues ------------------------------------------------------------------------------------------------------------


def test_a_run_in_a_queue_is_for_those_who_serve_it(face: Face, client: ClientStore, lane: LaneStore) -> None:
    a, b = started(client, lane, "a", "b")
    _release(lane, a.key, "gpu")
    _release(lane, b.key, "tpu")
    other = face.lane()
    assert _taken(other, "default") == []
    assert _taken(other, "default", "gpu") == ["a"]
    assert sorted(take(lane)) == ["b"], "who serves all serves this one as well"


def test_who_takes_a_run_takes_it_out_of_its_queue(face: Face, client: ClientStore, lane: LaneStore) -> None:
    (run,) = started(client, lane, "a")
    _release(lane, run.key, "gpu")
    other = face.lane()
    assert _taken(other, "gpu") == ["a"]
    other.flush(Flush(rewrites=[rest(run.key)]))
    assert _taken(other, "gpu") == []


def test_news_and_timers_of_a_run_in_a_queue_are_anybodys(face: Face, client: ClientStore, lane: LaneStore) -> None:
    a, b = started(client, lane, "a", "b")
    _release(lane, a.key, "gpu", ready_at=lane.now() + 60 * SECOND)
    _release(lane, b.key, "gpu")
    other = face.lane()
    assert other.next_ready_at() is not None
    client.post("b", NewsKind.SIGNAL, b"news")
    assert _taken(other, "default") == ["b"]
    face.advance(61)
    assert _taken(other, "default") == ["a"]


def test_the_longest_waiting_comes_first_and_none_starve_the_others(
    face: Face, client: ClientStore, lane: LaneStore
) -> None:
    held = started(client, lane, "a", "b", "c", "d", "e", "f", "g", "h")
    for run in held:
        _release(lane, run.key, "gpu")
    client.start_many([new(f"due {n}") for n in range(8)])
    other = face.lane()
    mixed = _taken(other, "default", "gpu", limit=8)
    assert [name for name in mixed if not name.startswith("due")] == ["a", "b"]
    assert len(mixed) == 8
    assert _taken(other, "gpu", limit=3)[-1:] != ["h"]


def test_a_run_that_is_given_back_is_not_lost_with_its_place(face: Face, client: ClientStore, lane: LaneStore) -> None:
    (run,) = started(client, lane, "a")
    _release(lane, run.key, "gpu")
    other = face.lane()
    assert _taken(other, "gpu") == ["a"]
    other.give_back([run.key])
    assert list(take(lane)) == ["a"]


def test_a_run_with_strikes_is_found_in_its_queue(face: Face, client: ClientStore, lane: LaneStore) -> None:
    started(client, lane, "a")
    lane.abandon()
    watcher = face.lane()
    assert watcher.reap(force=[lane.lane]) == 1
    second = face.lane()
    assert list(take(second)) == ["a"]
    second.abandon()
    assert watcher.reap(force=[second.lane]) == 1
    face.advance(120)
    (run,) = take(watcher, careful=True).values()
    watcher.enqueue([(run.key, "gpu")])
    watcher.flush(Flush(rewrites=[rest(run.key)], unsettled={run.key}))
    face.advance(120)
    assert watcher.claim(10, careful=True, queues=["default"]) == []
    assert [found.strikes for found in watcher.claim(10, careful=True, queues=["gpu"])] == [2]


def test_a_dead_lane_puts_nothing_into_a_queue(face: Face, client: ClientStore, lane: LaneStore) -> None:
    (run,) = started(client, lane, "a")
    heir = face.lane()
    heir.reap(force=[lane.lane])
    with pytest.raises(Fenced):
        lane.enqueue([(run.key, "gpu")])
    assert list(take(heir)) == ["a"]


def test_a_lane_that_dies_between_queue_and_release_loses_nothing(
    face: Face, client: ClientStore, lane: LaneStore
) -> None:
    (run,) = started(client, lane, "a")
    lane.flush(Flush(history=steps(run, b"1")))
    lane.enqueue([(run.key, "gpu")])
    heir = face.lane()
    heir.reap(force=[lane.lane])
    assert _taken(heir, "default") == ["a"], "it is due: whoever has it finds out again"
    close(heir, run.key, 1)


# -- rates -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("count", "wanted"), [(1, 1), (3, 2), (10, 10), (64, 7), (65, 5), (100, 100), (1000, 64)])
def test_no_period_holds_more_than_the_rate(face: Face, count: int, wanted: int) -> None:
    one, two = face.admissions(), face.admissions()
    admitted: list[tuple[float, int]] = []
    now = 0.0
    for turn in range(60):
        found, wait = (one, two)[turn % 2].admit("f", count, 100 * SECOND, wanted)
        admitted.append((now, found))
        assert 0 <= found <= wanted
        assert (wait > 0) == (found < wanted)
        step = 7.3 if turn % 3 else wait / SECOND
        face.advance(step)
        now += step
    for start, _ in admitted:
        # The real clock goes on beside the one that is moved: what lies near the end of the period is not judged.
        assert sum(found for at, found in admitted if start <= at < start + 99) <= count
    assert sum(found for _, found in admitted) >= min(count, wanted * 10)


def test_what_is_not_used_is_there_at_once(face: Face) -> None:
    gate = face.admissions()
    assert gate.admit("f", 3, 60 * SECOND, 5)[0] == 3
    none, wait = gate.admit("f", 3, 60 * SECOND, 1)
    assert none == 0
    assert 59 * SECOND < wait <= 61 * SECOND
    assert gate.admit("g", 3, 60 * SECOND, 1) == (1, 0), "another key is another rate"
    face.advance(61)
    assert gate.admit("f", 3, 60 * SECOND, 3) == (3, 0)


def test_two_at_once_do_not_get_more_than_there_is(face: Face) -> None:
    gates = [face.admissions() for _ in range(4)]
    found: list[int] = []

    def ask(place: int) -> None:
        found.extend(gates[place].admit("f", 30, 600 * SECOND, 1)[0] for _ in range(20))

    threads = [threading.Thread(target=ask, args=(place,)) for place in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(found) == 30

"""What an order to migrate is to a store, whatever the store: it wakes, it may be anybody's, and a row is rewritten."""

from __future__ import annotations

import pytest
from tenuto.store.protocol import ClientStore, Definition, Doubt, Flush, LaneStore, NewsKind, Status
from tenuto_interpreter import codec

from tests.runtime.store.kit import Face, close, new, rest, started, steps, take

OLD = b"digest"
NEW = bytes(range(32))


def _order(client: ClientStore, workflow_id: str, digest: bytes = NEW, request: str = "m") -> bool:
    return client.post(workflow_id, NewsKind.MIGRATE, codec.encode([digest.hex()]), request=request)


def test_the_row_of_a_migrated_run_is_in_another_definition(client: ClientStore, lane: LaneStore) -> None:
    a, b = started(client, lane, "a", "b")
    assert _order(client, "a")
    assert not _order(client, "a")
    (order,) = lane.news()
    assert (order.kind, order.ref, codec.decode(order.payload)) == (NewsKind.MIGRATE, "m", [NEW.hex()])
    lane.flush(
        Flush(
            history=steps(a, b"migrated") + steps(b, b"else"),
            consumed=[(a.key, order.id)],
            rewrites=[rest(a.key, 1, release=False, definition=NEW), rest(b.key, 1, release=False)],
            answers=[("a", "m", codec.encode(["migrated", NEW.hex()]))],
        )
    )
    views = {name: client.view(name) for name in ("a", "b")}
    assert all(views.values())
    assert [(v.definition, v.origin, v.owner) for v in views.values() if v] == [
        (NEW, OLD, lane.lane),
        (OLD, None, lane.lane),
    ]
    assert client.census("flow") == {NEW: 1, OLD: 1}
    assert client.answer("a", "m") == codec.encode(["migrated", NEW.hex()])
    lane.flush(Flush(history=steps(a, b"back", after=1), rewrites=[rest(a.key, 2, definition=b"third")]))
    view = client.view("a")
    assert view is not None
    assert (view.definition, view.origin, view.owner, view.snapshot_seq) == (b"third", OLD, None, 2)
    lane.flush(Flush(rewrites=[rest(b.key, 1)]))
    client.post("a", NewsKind.SIGNAL, b"[]")
    assert take(lane)["a"].definition == b"third"


def test_only_the_owner_migrates(face: Face, client: ClientStore, lane: LaneStore) -> None:
    (a,) = started(client, lane, "a")
    other = face.lane()
    with pytest.raises(Doubt):
        other.flush(Flush(rewrites=[rest(a.key, 0, definition=NEW)]))
    view = client.view("a")
    assert view is not None
    assert (view.definition, view.origin) == (OLD, None)


def test_a_parked_run_wakes_for_it(client: ClientStore, lane: LaneStore) -> None:
    (a,) = started(client, lane, "a")
    lane.flush(Flush(rewrites=[rest(a.key, parked="why")]))
    client.post("a", NewsKind.SIGNAL, b"[]")
    assert take(lane) == {}
    _order(client, "a")
    assert [news.kind for news in take(lane)["a"].news] == [NewsKind.SIGNAL, NewsKind.MIGRATE]


def test_an_engine_without_the_old_activities_may_have_it(client: ClientStore, lane: LaneStore) -> None:
    (a,) = started(client, lane, "a")
    lane.flush(Flush(rewrites=[rest(a.key)]))
    client.post("a", NewsKind.SIGNAL, b"[]")
    assert lane.claim(10, unfit=[OLD]) == []
    _order(client, "a")
    assert lane.claim(10, unfit=[OLD, NEW]) == []
    assert [run.workflow_id for run in lane.claim(10, unfit=[OLD])] == ["a"]


def test_it_pardons_a_run_that_was_parked_for_its_strikes(face: Face, client: ClientStore, lane: LaneStore) -> None:
    (a,) = started(client, lane, "a")
    for _ in range(8):
        face.advance(120)
        dying = face.lane()
        lane.flush(Flush(rewrites=[rest(a.key, ready_at=0)], unsettled={a.key}))
        assert [*dying.claim(1), *dying.claim(1, careful=True)]
        dying.abandon()
        lane.reap(force=[dying.lane])
        face.advance(120)
        if (view := client.view("a")) is not None and view.status is Status.PARKED:
            break
        assert [*lane.claim(1), *lane.claim(1, careful=True)]
    _order(client, "a")
    assert [run.strikes for run in lane.claim(1)] == [0]


def test_definitions_of_a_workflow(client: ClientStore) -> None:
    for digest, workflow in ((b"one", "flow"), (b"two", "flow"), (b"x", "other"), (b"one", "flow")):
        client.deploy(Definition(digest, workflow, 0, b"p", "", "text", ""))
    assert [(d.digest, d.version) for d in client.definitions("flow")] == [(b"two", 2), (b"one", 1)]
    assert client.definitions("none") == []


def test_the_census_leaves_out_what_has_ended(client: ClientStore, lane: LaneStore) -> None:
    a, b, _ = started(client, lane, "a", "b", "c")
    client.start(new("d", workflow="other"))
    close(lane, a.key)
    lane.flush(Flush(rewrites=[rest(b.key, parked="why")]))
    assert client.census("flow") == {OLD: 2}
    assert client.census("none") == {}


def test_the_last_migration(client: ClientStore, lane: LaneStore) -> None:
    started(client, lane, "a")
    since = client.now() - 1_000_000
    client.post("a", NewsKind.UPDATE, b"[]", request="u")
    _order(client, "a", request="first")
    assert client.last_migration("a", since) is None
    lane.flush(Flush(answers=[("a", "u", b'["rejected","x"]'), ("a", "first", b'["refused","x"]')]))
    assert client.last_migration("a", since) == b'["refused","x"]'
    _order(client, "a", request="second")
    assert client.last_migration("a", since) == b'["refused","x"]', "the other has no answer yet"
    lane.flush(Flush(answers=[("a", "second", b'["migrated","x"]')]))
    assert client.last_migration("a", since) == b'["migrated","x"]'
    assert client.last_migration("a", client.now() + 1_000_000) is None
    assert client.last_migration("b", since) is None

"""What clients may rely on: starting, sending, reading, whatever the store."""

from __future__ import annotations

import threading

import pytest
from tenuto.store.filters import FIRST_PLACE, run_columns
from tenuto.store.ids import new_run_id, run_id_text
from tenuto.store.protocol import (
    ClientStore,
    Definition,
    Flush,
    LaneStore,
    NewsKind,
    NotFound,
    RunClosed,
    RunKey,
    Status,
    WorkflowIdTaken,
    WorkflowIdUsed,
)
from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.filters import translate

from tests.runtime.store.kit import Face, close, closing, new, rest, started, take


def _definition(digest: bytes, workflow: str = "flow") -> Definition:
    return Definition(digest, workflow, 0, b"program " + digest, "source", "text", "flow.tenuto")


def test_definitions_are_versioned_by_content(client: ClientStore) -> None:
    assert client.definition("flow") is None
    assert client.deploy(_definition(b"one")) is True
    assert client.deploy(_definition(b"one")) is False
    assert client.deploy(_definition(b"two")) is True
    now = client.definition("flow")
    assert now is not None
    assert (now.digest, now.version, now.program) == (b"two", 2, b"program two")
    assert client.deploy(_definition(b"one")) is True
    again = client.definition("flow")
    assert again is not None
    assert (again.digest, again.version) == (b"one", 1)
    assert client.definition_by_digest(b"two") == now
    assert client.definition_by_digest(b"three") is None
    client.deploy(_definition(b"x", "another"))
    assert client.workflows() == ["another", "flow"]


def test_a_workflow_id_is_taken_while_its_run_is_open(client: ClientStore, lane: LaneStore) -> None:
    key, made = client.start(new("a"))
    assert made
    with pytest.raises(WorkflowIdTaken) as caught:
        client.start(new("a"))
    assert caught.value.args[:2] == ("a", key)
    take(lane)
    close(lane, key)
    again, made = client.start(new("a"))
    assert made
    assert again != key


def test_a_parked_run_holds_its_id(client: ClientStore, lane: LaneStore) -> None:
    (run,) = started(client, lane, "a")
    lane.flush(Flush(rewrites=[rest(run.key, parked="why")]))
    with pytest.raises(WorkflowIdTaken):
        client.start(new("a"))


def test_the_same_request_is_one_start(client: ClientStore, lane: LaneStore) -> None:
    key, made = client.start(new("a"), request="r")
    assert made
    assert client.start(new("a"), request="r") == (key, False)
    take(lane)
    close(lane, key)
    assert client.start(new("a"), request="r") == (key, False)
    other, made = client.start(new("a"), request="r2")
    assert made
    assert other != key


def test_a_refused_start_leaves_its_request_free(client: ClientStore, lane: LaneStore) -> None:
    key, _ = client.start(new("a"))
    with pytest.raises(WorkflowIdTaken):
        client.start(new("a"), request="r")
    take(lane)
    close(lane, key)
    assert client.start(new("a"), request="r")[1] is True


def test_the_same_run_is_one_start(client: ClientStore) -> None:
    run = new("a")
    assert client.start(run) == (run.key, True)
    assert client.start(run) == (run.key, False)


@pytest.mark.parametrize(
    ("reuse", "last", "allowed"),
    [
        ("allow", Status.COMPLETED, True), ("allow", Status.FAILED, True),
        ("if_failed", Status.COMPLETED, False), ("if_failed", Status.FAILED, True),
        ("if_failed", Status.CANCELLED, True), ("if_failed", Status.TERMINATED, True),
        ("reject", Status.COMPLETED, False), ("reject", Status.FAILED, False),
    ],
)  # fmt: skip
def test_reuse_policies(client: ClientStore, lane: LaneStore, reuse: str, last: Status, allowed: bool) -> None:
    assert client.start(new("a"), reuse=reuse)[1]
    first = take(lane)["a"]
    close(lane, first.key, status=last)
    if allowed:
        assert client.start(new("a"), reuse=reuse)[1]
    else:
        with pytest.raises(WorkflowIdUsed) as caught:
            client.start(new("a"), reuse=reuse)
        assert caught.value.args[:2] == ("a", first.key)
        view = client.view("a")
        assert view is not None
        assert view.key == first.key  # nothing was left behind


def test_the_open_run_of_an_id_may_be_the_answer(client: ClientStore, lane: LaneStore) -> None:
    first = new("a")
    assert client.start(first, conflict="use") == (first.key, True)
    assert client.start(new("a"), request="r", conflict="use") == (first.key, False)
    close(lane, take(lane)["a"].key)
    assert client.start(new("a"), request="r", conflict="use") == (first.key, False), "remembered"
    again = new("a")
    assert client.start(again, conflict="use") == (again.key, True)


def test_many_starts_leave_out_what_is_taken(client: ClientStore) -> None:
    client.start(new("b"))
    runs = [new("a"), new("b"), new("c"), new("a")]
    made = client.start_many(runs)
    assert set(made) == {runs[0].key, runs[2].key}
    assert client.start_many([]) == []


def test_the_same_request_is_one_signal_even_after_it_is_read(client: ClientStore, lane: LaneStore) -> None:
    (run,) = started(client, lane, "a")
    assert client.post("a", NewsKind.SIGNAL, b"x", request="m") is True
    assert client.post("a", NewsKind.SIGNAL, b"x", request="m") is False
    (news,) = lane.news()
    lane.flush(Flush(history=[(run.key, 1, b"1")], consumed=[(run.key, news.id)]))
    assert client.post("a", NewsKind.SIGNAL, b"x", request="m") is False
    assert lane.news() == []
    assert client.post("a", NewsKind.SIGNAL, b"x") is True
    assert client.post("a", NewsKind.SIGNAL, b"x") is True
    refs = [n.ref for n in lane.news()]
    assert len(set(refs)) == 2
    assert all(refs)


def test_the_same_request_a_hundred_times_at_once(face: Face, client: ClientStore, lane: LaneStore) -> None:
    started(client, lane, "a")
    clients = [face.client() for _ in range(4)]
    accepted: list[bool] = []

    def send(sender: ClientStore) -> None:
        for _ in range(25):
            accepted.append(sender.post("a", NewsKind.SIGNAL, b"x", request="m"))  # noqa: PERF401 - it is a race

    threads = [threading.Thread(target=send, args=[sender]) for sender in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(accepted) == 100
    assert accepted.count(True) == 1
    assert len(lane.news()) == 1


def test_news_for_nobody(client: ClientStore, lane: LaneStore) -> None:
    with pytest.raises(NotFound):
        client.post("nobody", NewsKind.SIGNAL, b"x")
    (run,) = started(client, lane, "a")
    close(lane, run.key, status=Status.CANCELLED)
    with pytest.raises(RunClosed) as caught:
        client.post("a", NewsKind.SIGNAL, b"x", request="m")
    assert caught.value.args == ("a", Status.CANCELLED)
    client.start(new("a"))
    assert client.post("a", NewsKind.SIGNAL, b"x", request="m") is True  # the refused request left nothing


def test_views(client: ClientStore, lane: LaneStore) -> None:
    assert client.view("a") is None
    assert client.view(key=RunKey(1, new_run_id())) is None
    (run,) = started(client, lane, "a")
    view = client.view("a")
    assert view is not None
    assert (view.key, view.workflow, view.definition, view.status) == (run.key, "flow", b"digest", Status.OPEN)
    assert (view.owner, view.parked, view.outcome, view.attributes) == (lane.lane, None, None, None)
    assert abs(view.started_at - client.now()) < 60_000_000
    assert client.view(key=run.key) == view
    assert client.view(run_id=run.key.run_id) == view
    close(lane, run.key)
    second, _ = client.start(new("a"))
    latest = client.view("a")
    assert latest is not None
    assert latest.key == second
    closed = client.view(key=run.key)
    assert closed is not None
    assert closed.status == Status.COMPLETED


def test_lists(client: ClientStore, lane: LaneStore) -> None:
    runs = [new(f"a{n}") for n in range(4)] + [new("b", workflow="other")]
    client.start_many(runs)
    assert [view.workflow_id for view in client.runs()] == ["b", "a3", "a2", "a1", "a0"]
    assert [view.workflow_id for view in client.runs(workflow="other")] == ["b"]
    assert [view.workflow_id for view in client.runs(prefix="a", limit=2)] == ["a3", "a2"]
    assert [view.workflow_id for view in client.runs(before=runs[2].key.run_id)] == ["a1", "a0"]
    assert client.runs(prefix="%") == []
    take(lane)
    close(lane, runs[1].key)
    assert [view.workflow_id for view in client.runs(status=[Status.COMPLETED, Status.FAILED])] == ["a1"]
    assert client.outcomes([run.key for run in runs]) == {runs[1].key: (Status.COMPLETED, b"outcome")}
    assert client.outcomes([]) == {}


def test_filters(client: ClientStore, lane: LaneStore) -> None:
    runs = [new(f"a{n}") for n in range(4)] + [new("b", workflow="other")]
    client.start_many(runs)
    take(lane)
    attributes = [b'{"customer": "c1", "total": 12.5, "due": "2026-06-01T12:00:00Z"}', b'{"customer": "c2"}']
    lane.flush(Flush(attributes=[(run.key, value) for run, value in zip(runs, attributes, strict=False)]))
    close(lane, runs[1].key)

    def found(source: str) -> list[str]:
        sink = Diagnostics()
        made = translate(source, run_columns({"due"}), sink, now=client.now(), first=FIRST_PLACE)
        assert made is not None, sink.items
        listed = [view.workflow_id for view in client.runs(filter=made)]
        assert listed == [view.workflow_id for view in client.runs(filter=made, limit=50)]
        return listed

    assert found("true") == ["b", "a3", "a2", "a1", "a0"]
    assert found('status == "completed"') == ["a1"]
    assert found('status in ["open", "failed"] && workflow == "flow"') == ["a3", "a2", "a0"]
    assert found("closed_at != null && closed_at - started_at < 1h && started_at <= now()") == ["a1"]
    assert found("closed_at == null && workflow_id != 'b'") == ["a3", "a2", "a0"]
    assert found('attributes.customer == "c1"') == ["a0"]
    assert found('attributes.customer != "c1"') == ["a1"]
    assert found("has(attributes.customer)") == ["a1", "a0"]
    assert found('attributes.?customer.orValue("none") == "none"') == ["b", "a3", "a2"]
    assert found("attributes.total > 12 && attributes.due < now()") == ["a0"]
    assert found('workflow_id.startsWith("a") && !(workflow_id in ["a1", "a2"]) && parked == null && strikes == 0') == [
        "a3",
        "a0",
    ]
    assert found(f'run_id == "{run_id_text(runs[4].key.run_id)}"') == ["b"]


def test_listening_for_closed_runs(face: Face, client: ClientStore, lane: LaneStore) -> None:
    (run,) = started(client, lane, "a")
    client.listen(0.0)  # whoever has just begun to listen may have missed something
    client.listen(0.0)
    heard: list[bool] = []
    thread = threading.Thread(target=lambda: heard.append(client.listen(10.0)))
    thread.start()
    while not heard:
        lane.flush(Flush(closing=[closing(run.key, 0)]))
        (run,) = started(client, lane, "a")
        thread.join(0.05)
    assert heard == [True]


def test_odd_names_are_inert(client: ClientStore, lane: LaneStore) -> None:
    names = ["'; drop table tenuto.run; --", "<b>", "../..", "\u202eabc", "\x1b[31m", "ü" * 400, "%s", "$1", "\\x00"]
    client.start_many([new(name) for name in names])
    for name in names:
        assert client.post(name, NewsKind.SIGNAL, b"x", request=name) is True
        view = client.view(name)
        assert view is not None
        assert view.workflow_id == name
    assert set(take(lane)) == set(names)

"""get_lineage (contract, Ours)."""

from __future__ import annotations

from typing import Any

import pytest
from support import Api, error_of, fields_of


class Graph:
    """Artifacts by short names, and the tasks that read and made them."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.ids: dict[str, str] = {}

    def task(self, task_id: str, reads: str = "", makes: str = "", **fields: Any) -> None:
        """Makes a task with its links; every letter is an artifact."""

        def links(names: str) -> dict[str, Any]:
            return {"k": {"artifact_ids": [self.id_of(name) for name in names]}} if names else {}

        self.api.task(task_id=task_id, inputs=links(reads), outputs=links(makes), **fields)

    def id_of(self, name: str) -> str:
        """The id of an artifact, which is made if it is new."""
        if name not in self.ids:
            self.ids[name] = self.api.artifact(name=name)["artifact_id"]
        return self.ids[name]

    def around(self, **query: Any) -> tuple[set[str], bool]:
        """The short names of what a lineage holds, and whether it is truncated."""
        if "artifact" in query:
            query["artifact_id"] = self.id_of(query.pop("artifact"))
        answer = self.api.get("/lineage", **query)
        artifacts = [item["name"] for item in answer["artifacts"]]
        tasks = [item["task_id"] for item in answer["tasks"]]
        assert len(artifacts + tasks) == len({*artifacts, *tasks})
        return {*artifacts, *tasks}, answer["truncated"]


@pytest.fixture
def chain(api: Api) -> Graph:
    """A -> t1 -> B -> t2 -> C -> t3 -> D, and B -> t4."""
    graph = Graph(api)
    graph.task("t1", reads="A", makes="B", run_id="r1")
    graph.task("t2", reads="B", makes="C", run_id="r2")
    graph.task("t3", reads="C", makes="D")
    graph.task("t4", reads="B")
    return graph


@pytest.mark.parametrize(
    ("query", "nodes"),
    [
        ({"artifact": "B"}, {"A", "t1", "B", "t2", "t4", "C", "t3", "D"}),
        ({"artifact": "B", "direction": "BOTH"}, {"A", "t1", "B", "t2", "t4", "C", "t3", "D"}),
        ({"artifact": "B", "direction": "UPSTREAM"}, {"B", "t1", "A"}),
        ({"artifact": "B", "direction": "DOWNSTREAM"}, {"B", "t2", "t4", "C", "t3", "D"}),
        ({"artifact": "C"}, {"C", "t2", "B", "t1", "A", "t3", "D"}),
        ({"artifact": "A", "direction": "UPSTREAM"}, {"A"}),
        ({"task_id": "t2", "direction": "UPSTREAM"}, {"t2", "B", "t1", "A"}),
        ({"task_id": "t2", "direction": "DOWNSTREAM"}, {"t2", "C", "t3", "D"}),
        ({"task_id": "t4"}, {"t4", "B", "t1", "A"}),
        ({"run_id": "r2", "direction": "UPSTREAM"}, {"t2", "B", "t1", "A"}),
        ({"run_id": "r1", "direction": "DOWNSTREAM"}, {"t1", "B", "t2", "t4", "C", "t3", "D"}),
    ],
)
def test_lineage_holds_what_is_reached_in_the_direction(chain: Graph, query: dict[str, Any], nodes: set[str]) -> None:
    assert chain.around(**query) == (nodes, False)


@pytest.mark.parametrize(
    ("depth", "nodes", "truncated"),
    [
        (0, {"B"}, True),
        (1, {"B", "t1", "t2", "t4"}, True),
        (2, {"B", "t1", "t2", "t4", "A", "C"}, True),
        (4, {"B", "t1", "t2", "t4", "A", "C", "t3", "D"}, False),
        (1_000, {"B", "t1", "t2", "t4", "A", "C", "t3", "D"}, False),
    ],
)
def test_max_depth_says_how_many_links_away_a_node_may_be(
    chain: Graph, depth: int, nodes: set[str], truncated: bool
) -> None:
    assert chain.around(artifact="B", max_depth=depth) == (nodes, truncated)


def test_a_depth_that_cuts_nothing_is_not_truncated(chain: Graph) -> None:
    assert chain.around(artifact="B", direction="UPSTREAM", max_depth=2) == ({"B", "t1", "A"}, False)
    assert chain.around(artifact="A", direction="UPSTREAM", max_depth=0) == ({"A"}, False)


@pytest.mark.parametrize("count", [1, 3, 7])
def test_max_nodes_cuts_and_says_so(chain: Graph, count: int) -> None:
    nodes, truncated = chain.around(artifact="B", max_nodes=count)

    assert (len(nodes), truncated, "B" in nodes) == (count, True, True)


def test_max_nodes_that_is_just_enough_is_not_truncated(chain: Graph) -> None:
    assert chain.around(artifact="B", max_nodes=8)[1] is False


def test_nearest_nodes_are_kept(chain: Graph) -> None:
    assert chain.around(artifact="C", direction="UPSTREAM", max_nodes=3)[0] == {"C", "t2", "B"}


def test_lineage_answers_whole_artifacts_tasks_and_the_links_among_them(chain: Graph) -> None:
    answer = chain.api.get("/lineage", task_id="t1")

    assert set(answer) == {"artifacts", "tasks", "artifact_tasks", "truncated"}
    for artifact in answer["artifacts"]:
        assert artifact == chain.api.get(f"/artifacts/{artifact['artifact_id']}")
    kept = {name: value for name, value in chain.api.get("/tasks/t1").items() if name not in ("inputs", "outputs")}
    assert kept in answer["tasks"]
    links = {(link["task_id"], link["type"]) for link in answer["artifact_tasks"]}
    assert links == {(f"t{n}", kind) for n in (1, 2, 3) for kind in ("INPUT", "OUTPUT")} | {("t4", "INPUT")}


def test_links_to_nodes_that_were_cut_are_left_out(chain: Graph) -> None:
    answer = chain.api.get("/lineage", artifact_id=chain.id_of("B"), max_depth=1)

    assert {(link["task_id"], link["artifact_id"]) for link in answer["artifact_tasks"]} == {
        (task_id, chain.id_of("B")) for task_id in ("t1", "t2", "t4")
    }


def test_every_kind_of_link_counts_as_input_or_output(api: Api) -> None:
    graph = Graph(api)
    api.link(artifact_id=graph.id_of("A"), task_id="t", type="COLLECTED_INPUTS")
    api.link(artifact_id=graph.id_of("B"), task_id="t", type="TASK_FINAL_STATUS_OUTPUT")

    assert graph.around(artifact="B", direction="UPSTREAM") == ({"A", "t", "B"}, False)
    assert graph.around(artifact="A", direction="UPSTREAM") == ({"A"}, False)


@pytest.mark.parametrize("direction", ["UPSTREAM", "DOWNSTREAM", "BOTH"])
@pytest.mark.parametrize("depth", [None, 50])
def test_an_artifact_that_a_task_both_reads_and_writes_ends_the_walk(
    api: Api, direction: str, depth: int | None
) -> None:
    graph = Graph(api)
    graph.task("t", reads="A", makes="A")
    query: dict[str, Any] = {} if depth is None else {"max_depth": depth}

    assert graph.around(artifact="A", direction=direction, **query) == ({"A", "t"}, False)


def test_a_longer_cycle_ends_too(api: Api) -> None:
    graph = Graph(api)
    for number in range(6):
        graph.task(f"t{number}", reads=str(number), makes=str((number + 1) % 6))

    nodes, truncated = graph.around(artifact="0", max_depth=1_000)

    assert (len(nodes), truncated) == (12, False)


def test_a_hub_is_cut_at_max_nodes(api: Api) -> None:
    hub = api.artifact(name="hub")["artifact_id"]
    links = [{"artifact_id": hub, "task_id": f"t{number}"} for number in range(1_000)]
    api.ok("POST", "/artifact_tasks:batchCreate", {"artifact_tasks": links})

    answer = api.get("/lineage", artifact_id=hub)

    assert (len(answer["artifacts"]) + len(answer["tasks"]), answer["truncated"]) == (1_000, True)
    assert len(answer["artifact_tasks"]) == 999
    assert api.get("/lineage", artifact_id=hub, max_nodes=1_001)["truncated"] is False


def test_siblings_are_not_in_a_lineage(api: Api) -> None:
    graph = Graph(api)
    graph.task("t", reads="A", makes="BC")

    assert graph.around(artifact="B") == ({"A", "B", "t"}, False)


def test_the_lineage_of_what_has_no_links_is_itself(api: Api) -> None:
    assert Graph(api).around(artifact="A") == ({"A"}, False)


def test_the_lineage_of_a_run_without_tasks_is_empty(api: Api) -> None:
    api.ok("PATCH", "/runs/r", {})

    empty: dict[str, Any] = {"artifacts": [], "tasks": [], "artifact_tasks": [], "truncated": False}
    assert api.get("/lineage", run_id="r") == empty


@pytest.mark.parametrize("query", [{"artifact_id": "x"}, {"task_id": "unknown"}, {"run_id": "unknown"}])
def test_the_lineage_of_what_is_unknown_is_404(shared_api: Api, query: dict[str, str]) -> None:
    reply = shared_api.request("GET", "/lineage", query=query)

    assert (reply.status, error_of(reply)["code"]) == (404, 5)


@pytest.mark.parametrize(
    "query", [{}, {"artifact_id": ""}, {"artifact_id": "a", "task_id": "b"}, {"task_id": "a", "run_id": "b"}]
)
def test_lineage_begins_at_exactly_one_node(shared_api: Api, query: dict[str, str]) -> None:
    reply = shared_api.request("GET", "/lineage", query=query)

    assert reply.status == 400
    assert fields_of(reply)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("direction", "upstream"),
        ("direction", "1"),
        ("max_depth", "-1"),
        ("max_depth", "1001"),
        ("max_depth", "x"),
        ("max_nodes", "0"),
        ("max_nodes", "-1"),
        ("max_nodes", "10001"),
        ("max_nodes", "1.5"),
        ("page_size", "1"),
        ("namespace", "a"),
    ],
)
def test_lineage_refuses_a_bad_parameter(shared_api: Api, name: str, value: str) -> None:
    reply = shared_api.request("GET", "/lineage", query={"task_id": "t", name: value})

    assert (reply.status, fields_of(reply)) == (400, [name])


def test_empty_parameters_are_absent_ones(chain: Graph) -> None:
    query = {"task_id": "t4", "artifact_id": "", "run_id": "", "direction": "", "max_depth": "", "max_nodes": ""}

    assert chain.around(**query) == chain.around(task_id="t4")

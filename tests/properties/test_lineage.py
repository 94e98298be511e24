"""A lineage is what a walk from link to link reaches."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from properties.conftest import NewApi
from properties.graphs import Graph, Node, distances, links_among, nearest
from properties.values import examples
from support import DirectApi

Link = tuple[int, int, bool]

LINKS = st.integers(1, 9).flatmap(
    lambda most: st.lists(
        st.tuples(st.integers(0, most), st.integers(0, most), st.booleans(), st.sampled_from(["", "k"])),
        min_size=3,
        max_size=40,
    )
)
"""Links of few artifacts and tasks, so that hubs and cycles are many: artifact, task, whether an output, key."""


def write_graph(api: DirectApi, drawn: list[tuple[int, int, bool, str]]) -> Graph:
    """Writes artifacts, tasks (every second of a run) and their links."""
    made = api.ok("POST", "/artifacts:batchCreate", {"artifacts": [{"artifact": {"name": f"a{n}"}} for n in range(10)]})
    ids = [artifact["artifact_id"] for artifact in made["artifacts"]]
    run_of_task = {f"t{number}": f"r{number % 3}" for number in range(0, 10, 2)}
    for task_id, run_id in run_of_task.items():
        api.task(task_id=task_id, run_id=run_id)
    links = [
        {"artifact_id": ids[artifact], "task_id": f"t{task}", "type": "OUTPUT" if output else "INPUT", "key": key}
        for artifact, task, output, key in drawn
    ]
    answer = api.ok("POST", "/artifact_tasks:batchCreate", {"artifact_tasks": links})
    unique = {link["id"]: link for link in answer["artifact_tasks"]}
    return Graph(list(unique.values()), run_of_task)


def nodes_of(lineage: dict[str, Any]) -> list[Node]:
    """The nodes of an answer."""
    return [("artifact", item["artifact_id"]) for item in lineage["artifacts"]] + [
        ("task", item["task_id"]) for item in lineage["tasks"]
    ]


def starts_of(graph: Graph, chance: random.Random) -> tuple[dict[str, str], list[Node]]:
    """Where to begin: the query that says so, and the nodes that it stands for."""
    link = chance.choice(graph.links)
    kind = chance.choice(["artifact_id", "task_id", "run_id"])
    if kind == "run_id":
        run_id = chance.choice(["r0", "r1", "r2"])
        return {"run_id": run_id}, [("task", task) for task, run in graph.run_of_task.items() if run == run_id]
    return {kind: link[kind]}, [(kind.removesuffix("_id"), link[kind])]


@examples(40)
@given(drawn=LINKS, seed=st.integers(0, 2**32))
def test_without_limits_a_lineage_is_all_that_can_be_reached(
    new_api: NewApi, drawn: list[tuple[int, int, bool, str]], seed: int
) -> None:
    chance = random.Random(seed)
    with new_api() as api:
        graph = write_graph(api, drawn)
        for _ in range(6):
            start, nodes = starts_of(graph, chance)
            direction = chance.choice(["UPSTREAM", "DOWNSTREAM", "BOTH"])

            lineage = api.get("/lineage", direction=direction, **start)

            reachable = set(nearest(graph, nodes, direction))
            assert sorted(nodes_of(lineage)) == sorted(reachable)
            assert sorted(lineage["artifact_tasks"], key=lambda link: str(link["id"])) == links_among(graph, reachable)
            assert lineage["truncated"] is False


@examples(40)
@given(drawn=LINKS, seed=st.integers(0, 2**32))
def test_a_depth_limit_keeps_what_is_as_near_and_says_whether_there_is_more(
    new_api: NewApi, drawn: list[tuple[int, int, bool, str]], seed: int
) -> None:
    chance = random.Random(seed)
    with new_api() as api:
        graph = write_graph(api, drawn)
        for _ in range(6):
            start, nodes = starts_of(graph, chance)
            direction = chance.choice(["UPSTREAM", "DOWNSTREAM", "BOTH"])
            depth = chance.choice([0, 1, 2, 3, 5, 20, 1000])

            lineage = api.get("/lineage", direction=direction, max_depth=depth, **start)

            all_of_it = nearest(graph, nodes, direction)
            within = {node for node, distance in all_of_it.items() if distance <= depth}
            assert sorted(nodes_of(lineage)) == sorted(within)
            assert sorted(lineage["artifact_tasks"], key=lambda link: str(link["id"])) == links_among(graph, within)
            beyond = any(
                distance > depth
                for upstream, wanted in ((True, direction != "DOWNSTREAM"), (False, direction != "UPSTREAM"))
                if wanted
                for distance in distances(graph, nodes, upstream=upstream).values()
            )
            assert lineage["truncated"] is beyond


@examples(40)
@given(drawn=LINKS, seed=st.integers(0, 2**32))
def test_a_node_limit_keeps_the_nearest_and_says_whether_there_are_more(
    new_api: NewApi, drawn: list[tuple[int, int, bool, str]], seed: int
) -> None:
    chance = random.Random(seed)
    with new_api() as api:
        graph = write_graph(api, drawn)
        for _ in range(6):
            start, nodes = starts_of(graph, chance)
            direction = chance.choice(["UPSTREAM", "DOWNSTREAM", "BOTH"])
            count = chance.randint(1, 12)
            limits = {"max_nodes": count} | chance.choice([{}, {"max_depth": 1000}, {"max_depth": 50}])

            lineage = api.get("/lineage", direction=direction, **limits, **start)

            reachable = nearest(graph, nodes, direction)
            kept = nodes_of(lineage)
            assert set(kept) <= set(reachable)
            assert len(set(kept)) == len(kept) == min(count, len(reachable))
            if direction != "BOTH":
                left_out = [distance for node, distance in reachable.items() if node not in kept]
                assert max(reachable[node] for node in kept) <= min(left_out, default=1000)
            assert sorted(lineage["artifact_tasks"], key=lambda link: str(link["id"])) == links_among(graph, set(kept))
            assert lineage["truncated"] is (len(reachable) > count)


def artifact_ids(api: DirectApi, count: int) -> list[str]:
    """So many new artifacts."""
    made: list[str] = []
    while len(made) < count:
        batch = [{"artifact": {"name": "a"}}] * min(1_000, count - len(made))
        answer = api.ok("POST", "/artifacts:batchCreate", {"artifacts": batch})
        made += [artifact["artifact_id"] for artifact in answer["artifacts"]]
    return made


def make_links(api: DirectApi, links: list[dict[str, str]]) -> None:
    """Makes links, as many as there are."""
    for begin in range(0, len(links), 1_000):
        api.ok("POST", "/artifact_tasks:batchCreate", {"artifact_tasks": links[begin : begin + 1_000]})


@pytest.mark.parametrize("limits", [{}, {"max_depth": 1_000}, {"max_depth": 1_000, "max_nodes": 2}])
def test_a_cycle_is_walked_once_and_leaves_nothing_behind_a_limit(new_api: NewApi, limits: dict[str, int]) -> None:
    with new_api() as api:
        artifact_id = api.artifact()["artifact_id"]
        make_links(api, [{"artifact_id": artifact_id, "task_id": "t", "type": type_} for type_ in ("INPUT", "OUTPUT")])

        lineage = api.get("/lineage", artifact_id=artifact_id, **limits)

    assert nodes_of(lineage) == [("artifact", artifact_id), ("task", "t")]
    assert lineage["truncated"] is False


@pytest.mark.parametrize("limits", [{}, {"max_depth": 1_000}])
def test_a_long_chain_behind_a_cycle_is_walked_to_its_end(new_api: NewApi, limits: dict[str, int]) -> None:
    with new_api() as api:
        chain = artifact_ids(api, 400)
        links = [{"artifact_id": chain[0], "task_id": "t0", "type": "OUTPUT"}]
        for number, artifact_id in enumerate(chain):
            links.append({"artifact_id": artifact_id, "task_id": f"t{number}", "type": "INPUT"})
            links.append({"artifact_id": artifact_id, "task_id": f"t{number - 1}", "type": "OUTPUT"})
        make_links(api, [link for link in links if link["task_id"] != "t-1"])

        lineage = api.get("/lineage", artifact_id=chain[0], direction="DOWNSTREAM", **limits)

    assert len(nodes_of(lineage)) == 800
    assert lineage["truncated"] is False


def test_a_hubs_other_links_do_not_hide_those_among_the_nodes(new_api: NewApi) -> None:
    with new_api() as api:
        made = artifact_ids(api, 12_000)
        make_links(api, [{"artifact_id": artifact_id, "task_id": "hub", "type": "OUTPUT"} for artifact_id in made])
        link = api.link(artifact_id=artifact_ids(api, 1)[0], task_id="hub", type="INPUT")

        lineage = api.get("/lineage", task_id="hub", direction="UPSTREAM", max_nodes=2)

    assert lineage["artifact_tasks"] == [link]
    assert lineage["truncated"] is False


def test_a_hub_is_cut_at_the_node_limit(new_api: NewApi) -> None:
    with new_api() as api:
        source = api.artifact()["artifact_id"]
        make_links(api, [{"artifact_id": source, "task_id": f"reader{n}", "type": "INPUT"} for n in range(3_000)])

        lineage = api.get("/lineage", artifact_id=source, direction="DOWNSTREAM", max_depth=5)

    assert len(nodes_of(lineage)) == 1_000
    assert len(lineage["artifact_tasks"]) == 999
    assert lineage["truncated"] is True

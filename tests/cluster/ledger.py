"""What must be in the store after a load: everything acknowledged, once, on every host."""

from __future__ import annotations

from collections import Counter
from typing import Any

from cluster.clients import NAMESPACE, Load
from cluster.hosts import Host
from cluster.service import PORT
from support import Api

COUNTS = """
SELECT noun, kind, sum(total) FROM counts WHERE total <> 0 GROUP BY noun, kind
"""
ROWS = """
SELECT noun, kind, n FROM (
SELECT 'artifacts' AS noun, '' AS kind, count(*) AS n FROM artifacts
UNION ALL SELECT 'metrics', '', count(*) FROM metrics
UNION ALL SELECT 'tasks', '', count(*) FROM tasks
UNION ALL SELECT 'artifact_tasks', type, count(*) FROM artifact_tasks GROUP BY type
) AS found WHERE noun IN (SELECT noun FROM counts)
"""
KEYS = "SELECT count(*) FROM idempotency_keys"
POINTS = "SELECT count(*) FROM metric_points"


def check_host(host: Host, load: Load) -> None:
    """Looks at everything through one host's artifactd."""
    api = Api(f"http://{host.door}:{PORT}")
    check_artifacts(api, load)
    check_links(api, load)
    check_points(api, load)
    api.close()


def check_artifacts(api: Api, load: Load) -> None:
    """Each artifact is there once, under the id that was acknowledged; what is shared was made once."""
    found = api.walk("/artifacts", "artifacts", namespace=NAMESPACE, page_size=200)
    own = {pair for client in load.clients for pair in client.artifacts}
    shared = {pair for client in load.clients for pair in client.shared}
    assert len({name for name, _ in shared}) == len(shared), "one artifact to reuse was made twice"
    assert_same("artifacts", ((one["name"], one["artifact_id"]) for one in found), own | shared)
    assert api.get("/artifacts", namespace=NAMESPACE)["total_size"] == len(own | shared)


def check_links(api: Api, load: Load) -> None:
    """Each link is there once."""
    for client in load.clients:
        query: dict[str, Any] = {"task_ids": client.task_id, "type": "UNSPECIFIED", "page_size": 200}
        found = api.walk("/artifact_tasks", "artifact_tasks", **query)
        pairs = ((one["artifact_id"], one["task_id"], one["type"], one["key"]) for one in found)
        assert_same(f"links of {client.task_id}", pairs, client.links)
        assert api.get("/artifact_tasks", **query)["total_size"] == len(client.links)


def check_points(api: Api, load: Load) -> None:
    """Each point is there once, and the last is shown."""
    for client in load.clients:
        found = api.walk(f"/metric_history/{client.task_id}/loss", "metrics", page_size=200) if client.steps else []
        points = ((one["step"], one["value"]) for one in found)
        assert_same(f"points of {client.task_id}", points, [(step, step / 2) for step in range(1, client.steps + 1)])
        if client.steps:
            assert api.get(f"/metrics/{client.task_id}/loss")["step"] == client.steps


def assert_same(what: str, found: Any, expected: Any) -> None:
    """Fails with what is lost, doubled or nobody's, if anything is."""
    there, due = Counter(found), Counter(expected)
    assert there == due, f"{what}: lost {list((due - there).items())[:5]}, too many {list((there - due).items())[:5]}"

"""What a training image with an old Python does with the client: run by that Python itself, with the server's URL.

It is no test module: the interpreter that runs it has neither pytest nor anything else but urllib3.
"""

import os
import pickle
import sys
from importlib.metadata import version

import artifactd_client as client
import urllib3


def main(url: str) -> None:
    """Calls the server in every way that depends on Python's or urllib3's version."""
    configuration = client.Configuration(host=url, api_key={"authorization": "KEY"})
    with client.ApiClient(configuration) as api_client:
        api = client.ArtifactServiceApi(api_client)
        runs = client.RunServiceApi(api_client)
        request = client.V2beta1CreateArtifactRequest(
            artifact=client.V2beta1Artifact(name="iris", type="Model", metadata={"accuracy": 0.97}),
            task_id="train",
            producer_key="model",
        )
        made = api.create_artifact(request)
        assert made.created_at is not None
        assert made.created_at.utcoffset() is not None
        assert api.get_artifact(made.artifact_id or "") == made
        assert pickle.loads(pickle.dumps(made)) == made
        metric = client.V2beta1Metric(task_id="train", name="val/loss", value=float("inf"), created_at=made.created_at)
        assert api.log_metric(client.V2beta1LogMetricRequest(metric=metric)).value == float("inf")
        assert api.get_metric("train", "val/loss").created_at == made.created_at
        assert [each.name for each in client.every(api.list_metrics, task_ids=["train"])] == ["val/loss"]
        assert runs.get_task("train").outputs["model"].artifact_ids == [made.artifact_id]  # type: ignore[index]
        thread = api.list_artifacts(async_req=True)
        assert thread.get().total_size == 1  # type: ignore[attr-defined]
        _, status, headers = api.get_artifact_with_http_info(made.artifact_id or "")
        assert (status, headers["ETag"]) == (200, '"1"')
        check_errors(api)
        check_fork(api)
    check_tls()


def check_errors(api: client.ArtifactServiceApi) -> None:
    """An answer that is no success, and none at all."""
    try:
        api.get_artifact("unknown")
    except client.ApiException as error:
        refusal = pickle.loads(pickle.dumps(error))
    assert (refusal.status, refusal.code) == (404, 5)
    assert "there is no artifact" in str(refusal)
    nowhere = client.Configuration(host="http://127.0.0.1:9")
    nowhere.retries = 1
    try:
        client.ArtifactServiceApi(client.ApiClient(nowhere)).list_artifacts(_request_timeout=0.5)
    except urllib3.exceptions.MaxRetryError:
        pass
    else:
        raise AssertionError


def check_fork(api: client.ArtifactServiceApi) -> None:
    """A child asks over connections of its own."""
    child = os.fork()
    if child == 0:
        os._exit(0 if api.list_artifacts().total_size == 1 else 1)
    assert os.waitpid(child, 0)[1] == 0


def check_tls() -> None:
    """The trusted certificates are found, whatever this urllib3 wants to be given."""
    client.ApiClient(client.Configuration(host="https://127.0.0.1:9")).close()


main(sys.argv[1])
print(sys.version_info[:2], version("urllib3"))

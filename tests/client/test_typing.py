"""What a type checker says of programs that use the client: nothing of good ones, the mistake of each bad one."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

PRELUDE = """\
from __future__ import annotations

from datetime import datetime

import artifactd_client
from artifactd_client import (
    ApiClient,
    ApiException,
    ArtifactServiceApi,
    Configuration,
    RunServiceApi,
    V2beta1Artifact,
    V2beta1CreateArtifactRequest,
    V2beta1ListArtifactResponse,
    V2beta1LogMetricRequest,
    V2beta1Metric,
    V2beta1MetricType,
    every,
)

api = ArtifactServiceApi(ApiClient(Configuration(host="http://localhost")))
runs = RunServiceApi()
"""
GOOD = """\
with ApiClient(Configuration(), header_name="X-Team", header_value="iris", pool_threads=4) as client:
    inner: ApiClient = client

made: V2beta1Artifact = api.create_artifact(V2beta1CreateArtifactRequest(artifact=V2beta1Artifact(name="iris")))
same: V2beta1Artifact = api.create_artifact({"artifact": {"name": "iris"}})
assert made.artifact_id is not None
found: V2beta1Artifact = api.get_artifact(made.artifact_id, _request_timeout=(1, 2.5))
by_name: V2beta1Artifact = api.get_artifact(artifact_id="a", _preload_content=True)
data, status, headers = api.get_artifact_with_http_info("a")
name: str | None = data.name
code: int = status
page: V2beta1ListArtifactResponse = api.list_artifacts(page_size=5, sort_by="name", filter={"predicates": []})
names: list[str | None] = [each.name for each in page.artifacts or []]
more: list[object] = [each for each in every(api.list_artifacts, page_size=5)]
point = V2beta1Metric("t", "loss", value=0.5, step=1, type=V2beta1MetricType.OUTPUT)
logged: V2beta1Metric = api.log_metric(body=V2beta1LogMetricRequest(metric=point))
step: int | None = logged.step
at: datetime | None = logged.created_at
logged.name = "accuracy"
task_id: str | None = runs.create_task({"display_name": "train"}).task_id
run_id: str | None = runs.run_service_get_run("r").run_id
metrics = api.list_metrics(task_ids=["a", "b"], run_ids=("r",))
mapping: dict[str, object] = made.to_dict()
types: dict[str, str] = V2beta1Artifact.openapi_types
try:
    api.get_artifact("no-such")
except ApiException as error:
    because: int | None = error.status
    said: str | None = error.message
configuration = Configuration(api_key={"authorization": "KEY"}, api_key_prefix={"authorization": "Bearer"})
configuration.retries = 5
configuration.request_timeout = 2.5
version: str = artifactd_client.__version__
"""
BAD = {
    'api.get_artifact("a", colour="red")': 'Unexpected keyword argument "colour"',
    "api.list_artifacts(page_sise=5)": 'Unexpected keyword argument "page_sise"',
    'api.list_artifacts(page_size="5")': 'Argument "page_size" to "list_artifacts" of "ArtifactServiceApi"',
    "api.list_artifacts(5)": "Too many positional arguments",
    "api.get_artifact()": 'Missing positional argument "artifact_id"',
    "api.get_artifact(5)": 'Argument 1 to "get_artifact"',
    'api.get_metric("t")': 'Missing positional argument "name"',
    'api.get_artifact_with_http_info("a", colour="red")': 'Unexpected keyword argument "colour"',
    'api.get_artifact_with_http_info("a").name': 'has no attribute "name"',
    'api.get_artifact("a", _request_timeout="1")': 'Argument "_request_timeout"',
    'api.list_metrics(task_ids="a", run_ids=5)': 'Argument "run_ids"',
    'api.get_artifact("a").nmae': '"V2beta1Artifact" has no attribute "nmae"',
    'wrong: V2beta1Metric = api.get_artifact("a")': "Incompatible types in assignment",
    "api.log_metric(V2beta1Metric())": 'Argument 1 to "log_metric"',
    'V2beta1Artifact(nmae="iris")': 'Unexpected keyword argument "nmae" for "V2beta1Artifact"',
    "V2beta1Artifact(name=5)": 'Argument "name" to "V2beta1Artifact"',
    'V2beta1Metric(step="one")': 'Argument "step" to "V2beta1Metric"',
    "V2beta1Artifact().name = 5": "Incompatible types in assignment",
    "V2beta1Artifact().name.upper()": 'has no attribute "upper"',
    "Configuration(hosts=1)": 'Unexpected keyword argument "hosts" for "Configuration"',
    'ApiClient(pool_threads="4")': 'Argument "pool_threads" to "ApiClient"',
    "runs.get_task(task=1)": 'Unexpected keyword argument "task"',
    "V2beta1MetricType.SIDEWAYS": 'has no attribute "SIDEWAYS"',
    "artifactd_client.nothing": "has no attribute",
}


def mypy(program: str, folder: Path) -> list[tuple[int, str]]:
    """The complaints of mypy's strict mode, with their lines. Only the installed packages are there to be found."""
    file = folder / "program.py"
    file.write_text(program)
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", f"--cache-dir={folder}/cache", file.name]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    found = re.findall(r"^program\.py:(\d+): error: (.*)$", done.stdout, re.MULTILINE)
    assert bool(found) == bool(done.returncode), done.stdout
    return [(int(line), message) for line, message in found]


def test_good_uses_pass_in_strict_mode(tmp_path: Path) -> None:
    assert mypy(PRELUDE + GOOD, tmp_path) == []


@pytest.fixture(scope="module")
def complaints(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], list[str]]:
    """What mypy says of each bad use; all are checked in one go, each in a line of its own."""
    first = PRELUDE.count("\n") + 1
    found = mypy(PRELUDE + "\n".join(BAD), tmp_path_factory.mktemp("bad"))
    uses = list(BAD)
    return lambda use: [message for line, message in found if line == first + uses.index(use)]


@pytest.mark.parametrize("use", BAD)
def test_a_bad_use_is_reported(complaints: Callable[[str], list[str]], use: str) -> None:
    assert any(BAD[use] in message for message in complaints(use)), complaints(use)


def test_an_attribute_and_an_argument_have_the_type_of_their_field(tmp_path: Path) -> None:
    program = """\
from artifactd_client import V2beta1Artifact, V2beta1PipelineTaskDetail
reveal_type(V2beta1Artifact().metadata)
reveal_type(V2beta1PipelineTaskDetail().inputs)
reveal_type(V2beta1PipelineTaskDetail().create_time)
"""
    (tmp_path / "program.py").write_text(program)
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", f"--cache-dir={tmp_path}/cache"]
    done = subprocess.run([*command, "program.py"], cwd=tmp_path, capture_output=True, text=True, check=False)

    types = re.findall(r'Revealed type is "(.*)"', done.stdout)
    assert types == [
        "dict[str, Any] | None",
        "dict[str, artifactd_client.models.v2beta1_artifact_list.V2beta1ArtifactList] | None",
        "datetime.datetime | None",
    ]

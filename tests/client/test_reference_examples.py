"""KFP's documented examples of the eight operations run as they are, but for the host.

KFP documents each operation with one script of the same form, made of placeholder values. The facts are in a table
here: the parameters, their placeholders, and what the contract says that a server answers to them. From it the test
writes scripts of that form in its own words.

Where KFP's page itself lies beside the checkout, its own scripts run too. Only their host is replaced, and one thing
that no Python can parse: the generator indents the first of several parameters, and puts the others at column 0.
Exactly these lines are indented as the first one.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from support import ROOT, running_app

SHARED = ROOT.parent / "shared"
REFERENCE = SHARED / "reference" / "ArtifactServiceApi.md"
HOST = "http://localhost"

PAGED = {"page_token": "page_token_example", "page_size": 56, "sort_by": "sort_by_example", "filter": "filter_example"}
"""The placeholders that the three lists have in common."""

RUN_EACH = """
import contextlib, io, json, sys, traceback

printed = {}
for name, script in json.load(sys.stdin).items():
    with contextlib.redirect_stdout(io.StringIO()) as output:
        try:
            exec(compile(script, name, "exec"), {"__name__": "__main__"})
        except Exception:
            traceback.print_exc(file=output)
    printed[name] = output.getvalue()
json.dump(printed, sys.stdout)
"""
"""Runs scripts, each with names of its own, in one process: Python's start takes longer than they do."""


class Operation(NamedTuple):
    """One operation as KFP documents it, and what a server has to answer.

    Attributes:
        given: the documented parameters with their placeholders; a class's name stands for an empty message.
        by_name: whether the example gives them by name.
        status: of the answer to the placeholders.
        message: what the answer has to say.
    """

    given: dict[str, object]
    by_name: bool
    status: int
    message: str


OPERATIONS = {
    "create_artifact": Operation(
        {"body": "V2beta1CreateArtifactRequest()"}, by_name=False, status=400, message="artifact: is required"
    ),
    "get_artifact": Operation(
        {"artifact_id": "artifact_id_example"},
        by_name=False,
        status=404,
        message="there is no artifact 'artifact_id_example'",
    ),
    "get_metric": Operation(
        {"task_id": "task_id_example", "name": "name_example"},
        by_name=False,
        status=404,
        message="there is no metric 'name_example' of a task 'task_id_example'",
    ),
    "list_artifact_tasks": Operation(
        {
            "task_ids": ["task_ids_example"],
            "run_ids": ["run_ids_example"],
            "artifact_ids": ["artifact_ids_example"],
            "type": "INPUT",
            **PAGED,
        },
        by_name=True,
        status=400,
        message="page_token: ",
    ),
    "list_artifacts": Operation(
        {"namespace": "namespace_example", **PAGED}, by_name=True, status=400, message="page_token: "
    ),
    "list_metrics": Operation(
        {
            "task_ids": ["task_ids_example"],
            "run_ids": ["run_ids_example"],
            "namespace": "namespace_example",
            **PAGED,
        },
        by_name=True,
        status=400,
        message="page_token: ",
    ),
    "log_metric": Operation(
        {"body": "V2beta1LogMetricRequest()"}, by_name=False, status=400, message="metric: is required"
    ),
    "update_artifact": Operation(
        {
            "artifact_artifact_id": "artifact_artifact_id_example",
            "artifact": "RequiredTheArtifactToUpdateTheArtifactIdFieldIsRequired()",
        },
        by_name=False,
        status=404,
        message="there is no artifact 'artifact_artifact_id_example'",
    ),
}


def script(name: str) -> str:
    """A script of the documented form that calls an operation with its placeholders."""
    operation = OPERATIONS[name]
    values = [
        f"    {parameter} = "
        + (f"kfp_server_api.{value}" if isinstance(value, str) and value.endswith("()") else repr(value))
        for parameter, value in operation.given.items()
    ]
    arguments = ", ".join(f"{each}={each}" if operation.by_name else each for each in operation.given)
    return "\n".join(
        [
            "import kfp_server_api",
            "from kfp_server_api.rest import ApiException",
            "from pprint import pprint",
            f"configuration = kfp_server_api.Configuration(host='{HOST}')",
            f"configuration = kfp_server_api.Configuration(host='{HOST}', api_key={{'authorization': 'YOUR_API_KEY'}})",
            "with kfp_server_api.ApiClient(configuration) as client:",
            "    service = kfp_server_api.ArtifactServiceApi(client)",
            *values,
            "    try:",
            f"        pprint(service.{name}({arguments}))",
            "    except ApiException as error:",
            f"        print('ArtifactServiceApi->{name} raised: %s' % error)",
            "",
        ]
    )


def original_scripts() -> dict[str, str]:
    """KFP's own scripts by the names of their operations; none where the page is not there."""
    text = REFERENCE.read_text() if REFERENCE.exists() else ""
    blocks = re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    return {re.findall(r"api_instance\.(\w+)\(", block)[0]: _indented(block) for block in blocks}


def _indented(block: str) -> str:
    """A script whose parameters, between the service and the call, all stand where the first one does."""
    begin, service, rest = block.partition("ArtifactServiceApi(api_client)\n")
    parameters, call, end = rest.partition("    try:\n")
    return begin + service + re.sub(r"^(?=\w+ = )", "    ", parameters, flags=re.MULTILINE) + call + end


OURS = {name: script(name) for name in OPERATIONS}
ORIGINALS = original_scripts()
SCRIPTS = {f"ours, {name}": each for name, each in OURS.items()} | {
    f"KFP's, {name}": each for name, each in ORIGINALS.items()
}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real server over an empty store."""
    with running_app(f"sqlite:///{tmp_path_factory.mktemp('store')}/store.db") as (address, _):
        yield address


def printed_by(scripts: dict[str, str], url: str) -> dict[str, str]:
    """What each script prints with the server's URL as its host, a traceback among it."""
    given = {name: each.replace(HOST, url) for name, each in scripts.items()}
    command = [sys.executable, "-W", "error", "-c", RUN_EACH]
    done = subprocess.run(command, input=json.dumps(given), capture_output=True, text=True, check=True)
    assert done.stderr == ""
    found: dict[str, str] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def printed(url: str) -> dict[str, str]:
    """What each script prints, by its name."""
    return printed_by(SCRIPTS, url)


def assert_answers(output: str, operation: Operation) -> None:
    """Checks that a script printed the error that the contract gives to its placeholders."""
    body = re.search(r"^HTTP response body: (.*)$", output, re.MULTILINE)
    assert body is not None, output
    assert f"({operation.status})\n" in output
    status = json.loads(body[1])
    assert status["code"] == {400: 3, 404: 5}[operation.status]
    assert status["message"].startswith(operation.message)


@pytest.mark.parametrize("name", SCRIPTS)
def test_placeholders_get_their_documented_answers(name: str, printed: dict[str, str]) -> None:
    operation = name.split(", ")[1]

    assert f"ArtifactServiceApi->{operation}" in printed[name].splitlines()[0]
    assert_answers(printed[name], OPERATIONS[operation])


def test_kfps_own_examples_are_there_where_the_page_is() -> None:
    assert REFERENCE.exists() == SHARED.exists()

    assert set(ORIGINALS) == (set(OPERATIONS) if REFERENCE.exists() else set())


def test_our_examples_give_what_kfps_own_give() -> None:
    """The facts of the table are those of the page: the same parameters with the same values, in the same call."""
    for name, original in ORIGINALS.items():
        assert assignments(original) == assignments(OURS[name])
        assert len(assignments(original)) == len(OPERATIONS[name].given)


def assignments(text: str) -> list[str]:
    """The parameters' lines of a script, without blanks and comments."""
    lines = re.findall(r"^    (\w+ = .*?)(?: #.*)?$", text, re.MULTILINE)
    return [line for line in lines if not re.match(r"(service|api_instance|host|api_key) = ", line)]


def test_an_example_runs_as_a_file_of_its_own(url: str, tmp_path: Path) -> None:
    file = tmp_path / "example.py"
    file.write_text(OURS["create_artifact"].replace(HOST, url))

    done = subprocess.run([sys.executable, str(file)], capture_output=True, text=True, check=True)

    assert done.stderr == ""
    assert_answers(done.stdout, OPERATIONS["create_artifact"])


def test_an_example_with_values_prints_the_answer(url: str) -> None:
    given = OURS["create_artifact"].replace("Request()", "Request(artifact={'name': 'iris'})")

    output = printed_by({"create_artifact": given}, url)["create_artifact"]

    assert output.startswith("V2beta1Artifact(")
    assert "name='iris'" in output

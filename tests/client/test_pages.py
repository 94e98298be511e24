"""The client's documentation says what the client and the server do. Run as a program, it writes the outputs anew."""

from __future__ import annotations

import contextlib
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# A program finds what is beside it; what tests share is one folder up, where pytest looks for it too.
sys.path.append(str(Path(__file__).parent.parent))

import pytest
from artifactd_client import Configuration, models
from artifactd_client.models.model import Enumeration
from artifactd_client.operation import OPTIONS
from client import pages
from support import Api, Clock, running_app

from artifactd.listing import ARTIFACT_TASKS, ARTIFACTS, METRICS, RUNS, TASKS, Noun
from artifactd.operations.context import new_uuid
from artifactd.rest.openapi import openapi_document
from artifactd.rest.routes import OPERATIONS

START_US = 1_772_442_904_218_734
"""2026-03-02T09:15:04.218734Z, so that the times on the pages look like times."""
METHODS = pages.served_methods()
MODELS = pages.model_names()
PAGES = {pages.name_of(page): page for page in pages.all_pages()}
LISTS = {
    "list_artifacts": ARTIFACTS,
    "list_metrics": METRICS,
    "list_artifact_tasks": ARTIFACT_TASKS,
    "list_tasks": TASKS,
    "run_service_list_runs": RUNS,
}
SCHEMAS = {
    "GooglerpcStatus": "RpcStatus",
    "PipelineTaskDetailChildTask": "ChildTask",
    "RequiredTheArtifactToUpdateTheArtifactIdFieldIsRequired": "Artifact",
    "V2beta1CreateArtifactsBulkRequest": "BatchCreateArtifactsRequest",
    "V2beta1CreateArtifactTasksBulkRequest": "BatchCreateArtifactTasksRequest",
}
"""The messages that the server's OpenAPI document calls otherwise than by the name behind `V2beta1`."""

SERVED: dict[str, Any] = openapi_document()["components"]["schemas"]
"""The messages of the server's OpenAPI document."""


def method_page(name: str) -> Path:
    """The page of a method."""
    return pages.DOCS / "methods" / f"{name}.md"


def model_page(name: str) -> Path:
    """The page of a model."""
    return pages.DOCS / "models" / f"{name}.md"


def properties(model: str) -> dict[str, Any]:
    """What the server's OpenAPI document says of a model's fields; nothing of a model that it does not have."""
    found: dict[str, Any] = SERVED.get(SCHEMAS.get(model, model.removeprefix("V2beta1")), {}).get("properties", {})
    return found


@contextlib.contextmanager
def server(database: Path) -> Iterator[str]:
    """A real server over a store; gives its URL."""
    with running_app(f"sqlite:///{database}", clock=Clock(START_US), new_id=new_uuid) as (url, _):
        yield url


@pytest.fixture(scope="module")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty store with its tables, to be copied."""
    database = tmp_path_factory.mktemp("empty") / "store.db"
    with server(database):
        return database


@pytest.fixture
def empty_server(empty_database: Path, tmp_path: Path) -> Iterator[str]:
    """A server that keeps nothing yet."""
    with server(Path(shutil.copy(empty_database, tmp_path / "store.db"))) as url:
        yield url


@pytest.fixture(scope="module")
def busy_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server that keeps others' artifacts, links, metrics, tasks and runs."""
    with server(tmp_path_factory.mktemp("busy") / "store.db") as url:
        api = Api(url)
        for number in range(30):
            task = {"task_id": f"task-{number}", "run_id": f"run-{number}"}
            api.task(**task, display_name="train", state="RUNNING")
            api.artifact(name="iris-model", type="Model", metadata={"accuracy": 0.99}, request=task)
            api.metric(**task, name="loss", value=0.01)
        api.close()
        yield url


def test_every_method_has_its_page_and_every_page_its_method() -> None:
    found = {page.stem for page in (pages.DOCS / "methods").iterdir()}

    assert found == {*METHODS, "unserved"}


def test_every_model_has_its_page_and_every_page_its_model() -> None:
    found = {page.stem for page in (pages.DOCS / "models").iterdir()}

    assert found == set(MODELS)


def test_the_first_page_leads_to_every_other() -> None:
    first, *_ = PAGES.values()
    targets = {(first.parent / link).resolve() for link in pages.links(first)}

    assert {*pages.DOCS.glob("*/*.md")} <= targets


def test_the_page_of_what_is_not_served_names_it_all() -> None:
    named = [row[0] for row in pages.table(method_page("unserved"), "method", "what it does in Kubeflow Pipelines")]
    twins = [f"{name}_with_http_info" for name in named]

    assert sorted([*named, *twins]) == sorted(pages.unserved_methods())


@pytest.mark.parametrize("name", METHODS)
def test_a_methods_page_names_its_parameters_in_order(name: str) -> None:
    rows = pages.table(method_page(name), "name", "type", "default", "meaning")

    assert [(row[0], row[1], row[2] == "required") for row in rows] == pages.parameters_of(METHODS[name])


# Keys are made by those who look after a server, with its command line.
ASKED = [operation for operation in OPERATIONS if operation.tag != "KeyService"]


@pytest.mark.parametrize("operation", ASKED, ids=lambda operation: operation.name)
def test_a_methods_page_names_its_request(operation: Any) -> None:
    names = (operation.name, f"run_service_{operation.name}")
    text = next(method_page(name) for name in names if name in METHODS).read_text()

    assert f"`{operation.method} {operation.path}`" in text


@pytest.mark.parametrize("name", METHODS)
def test_a_methods_page_names_what_goes_wrong(name: str) -> None:
    page = method_page(name)
    rows = pages.table(page, "status", "when") or pages.table(page, "error", "when")

    assert rows
    assert all(row[0].isdigit() or row[0].endswith(("Error", "Exception")) for row in rows)


@pytest.mark.parametrize(("name", "noun"), LISTS.items(), ids=LISTS)
def test_a_lists_page_names_every_field_to_sort_and_filter_by(name: str, noun: Noun) -> None:
    meanings = {row[0]: row[3] for row in pages.table(method_page(name), "name", "type", "default", "meaning")}
    sorts = meanings.get("sort_by") or meanings["order_by"]

    assert [field.name for field in noun.fields if field.sortable and field.name not in sorts.split(": ")[1]] == []
    assert [field.name for field in noun.fields if field.name not in meanings["filter"].split("Keys: ")[1]] == []


@pytest.mark.parametrize("name", MODELS)
def test_a_models_page_names_its_fields_or_values_in_order(name: str) -> None:
    model: Any = getattr(models, name)
    if issubclass(model, Enumeration):
        rows = pages.table(model_page(name), "constant", "value", "meaning")

        assert [row[1] for row in rows] == model.allowable_values
        assert [getattr(model, row[0]) for row in rows] == model.allowable_values
    else:
        rows = pages.table(model_page(name), "field", "type", "meaning")

        assert {row[0]: row[1] for row in rows} == model.openapi_types
        assert [row[0] for row in rows] == list(model.openapi_types)


@pytest.mark.parametrize("name", MODELS)
def test_a_models_page_tells_the_limits_of_its_fields(name: str) -> None:
    known = properties(name)
    silent = [
        f"{field}: {limit:,}"
        for field, _, meaning in pages.table(model_page(name), "field", "type", "meaning")
        for key in ("maxLength", "maxItems", "maxProperties")
        if (limit := known.get(field, {}).get(key)) and f"{limit:,}" not in meaning
    ]

    assert silent == []


@pytest.mark.parametrize("name", MODELS)
def test_a_models_page_tells_which_fields_the_server_sets(name: str) -> None:
    known = properties(name)
    silent = [
        field
        for field, _, meaning in pages.table(model_page(name), "field", "type", "meaning")
        if known.get(field, {}).get("readOnly") and not meaning.startswith("Set by the server")
    ]

    assert silent == []


def test_the_first_page_names_every_attribute_of_a_configuration() -> None:
    first, *_ = PAGES.values()
    rows = pages.table(first, "attribute", "default", "meaning")
    attributes = {name.removeprefix("_") for name in vars(Configuration())}

    assert {name for row in rows for name in row[0].split(", ")} == attributes


def test_the_first_page_names_every_keyword_of_a_call() -> None:
    first, *_ = PAGES.values()

    assert {row[0] for row in pages.table(first, "keyword", "meaning")} == OPTIONS


@pytest.mark.parametrize("name", PAGES)
def test_every_link_leads_to_a_page_and_to_a_heading_of_it(name: str) -> None:
    broken = []
    for link in pages.links(PAGES[name]):
        target, _, anchor = link.partition("#")
        page = PAGES[name].parent / target if target else PAGES[name]
        if not page.exists() or (anchor and anchor not in pages.anchors(page)):
            broken.append(link)

    assert broken == []


@pytest.mark.parametrize("name", PAGES)
def test_every_page_has_a_program_that_prints(name: str) -> None:
    programs = pages.programs(PAGES[name])

    assert programs
    assert all(program.shown for program in programs)


@pytest.mark.parametrize("name", PAGES)
def test_programs_print_what_the_page_shows(name: str, empty_server: str) -> None:
    page = PAGES[name]
    printed = [pages.masked(output) for output in pages.outputs(page, empty_server)]

    assert printed == [pages.masked(program.shown) for program in pages.programs(page)], "run: python " + __file__


@pytest.mark.parametrize("name", PAGES)
def test_programs_print_the_same_under_kfps_name_among_the_data_of_others(name: str, busy_server: str) -> None:
    page = PAGES[name]
    printed = [pages.masked(output) for output in pages.outputs(page, busy_server, "kfp_server_api")]

    assert printed == [pages.masked(program.shown) for program in pages.programs(page)]


def test_only_ids_times_and_tokens_are_masked() -> None:
    token = "KfL-XdeKeAGLNtRRSiwqyUxLTC4pVtKpVirOLyqJT6pUslLKS8xNVarV"
    output = (
        f"01a20ab5-82cf-7367-939e-43b9ae502036 3 2026-03-02 09:15:04.218734+00:00 2026-03-02T09:15:04Z {token} loss"
    )

    assert pages.masked(output) == "<id> 3 <time> <time> <token> loss"


def test_an_output_that_differs_in_masked_parts_only_stays_as_it_is(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```python\nprint(1)\n```\n\n```text\n2026-03-02T09:15:04Z\n```\n")

    assert pages.with_outputs(page, ["2030-01-01T00:00:00Z\n"]) == page.read_text()


def test_an_output_that_differs_otherwise_is_written_anew(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```python\nprint(1)\n```\n\n```text\n2\n```\n\n```python\npass\n```\n")

    assert pages.with_outputs(page, ["1\n", ""]) == page.read_text().replace("2\n", "1\n")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder, server(Path(folder) / "store.db") as address:
        for path, file in PAGES.items():
            file.write_text(pages.with_outputs(file, pages.outputs(file, address)))
            sys.stdout.write(f"wrote {path}\n")

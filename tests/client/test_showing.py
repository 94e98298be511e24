"""Messages and pages as people see them: text at a prompt, tables in a notebook, where nothing that came runs."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import datetime, timezone
from html.parser import HTMLParser
from typing import Any

import pytest
from artifactd_client import (
    GooglerpcStatus,
    V2beta1Artifact,
    V2beta1ArtifactList,
    V2beta1ArtifactTask,
    V2beta1CreateArtifactRequest,
    V2beta1IOProducer,
    V2beta1Lineage,
    V2beta1ListArtifactResponse,
    V2beta1ListArtifactTasksResponse,
    V2beta1ListMetricsResponse,
    V2beta1Metric,
    V2beta1PipelineTaskDetail,
    V2beta1RuntimeStatus,
)
from playwright.sync_api import Browser, sync_playwright

AT = datetime(2026, 3, 2, 9, 15, 4, 218734, timezone.utc)  # noqa: UP017 - as the client's Pythons say it
HOSTILE = [
    "<script>window.ran = 1</script>",
    "\"'><img src=x onerror=window.ran=1>",
    "</td></tr></table><svg onload=window.ran=1>",
    "&lt;script&gt;window.ran = 1&lt;/script&gt;",
    "<!-- --><style>*{display:none}</style>",
    "{{ 7*7 }} <a href='javascript:window.ran=1'>x</a>",
    "line one\nline two\x00\u202e",
]
ALLOWED = {"table", "caption", "thead", "tbody", "tr", "th", "td"}


class Table(HTMLParser):
    """Reads tables as a browser would: their text by cells, and which elements and attributes there are."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.cells: list[str] = []
        self.captions: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.rows = 0
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open.append(tag)
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.rows += tag == "tr"
        if tag in ("td", "th"):
            self.cells.append("")
        if tag == "caption":
            self.captions.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        (self.captions if self._open[-1] == "caption" else self.cells)[-1] += data


def table(message: Any) -> Table:
    """What a notebook shows of a message."""
    return Table(message._repr_html_())


def test_a_message_that_fits_is_one_line() -> None:
    message = V2beta1CreateArtifactRequest(artifact=V2beta1Artifact(name="iris", metadata={"a": 1}), run_id="r")

    assert repr(message) == (
        "V2beta1CreateArtifactRequest(artifact=V2beta1Artifact(name='iris', metadata={'a': 1}), run_id='r')"
    )
    assert message.to_str() == str(message) == repr(message)


def test_what_is_not_set_is_left_out() -> None:
    assert repr(V2beta1Artifact()) == "V2beta1Artifact()"
    assert repr(V2beta1Artifact(name="iris", namespace="")) == "V2beta1Artifact(name='iris')"


def test_what_is_set_to_nothing_much_is_shown() -> None:
    shown = repr(V2beta1Metric(value=0, step=0))

    assert shown == "V2beta1Metric(value=0, step=0)"
    assert repr(V2beta1Lineage(truncated=False, artifacts=[])) == "V2beta1Lineage(artifacts=[], truncated=False)"


def test_a_message_that_does_not_fit_has_a_line_for_each_field() -> None:
    message = V2beta1Artifact(name="iris-" * 12, uri="s3://models/" * 5, created_at=AT)

    assert repr(message).splitlines() == [
        "V2beta1Artifact(",
        f"    name='{'iris-' * 12}',",
        f"    uri='{'s3://models/' * 5}',",
        "    created_at=2026-03-02 09:15:04.218734+00:00,",
        ")",
    ]


def test_messages_inside_are_indented() -> None:
    page = V2beta1ListArtifactResponse(artifacts=[V2beta1Artifact(name=name * 50) for name in "ab"], total_size=2)

    assert repr(page).splitlines() == [
        "V2beta1ListArtifactResponse(",
        "    artifacts=[",
        f"        V2beta1Artifact(name='{'a' * 50}'),",
        f"        V2beta1Artifact(name='{'b' * 50}'),",
        "    ],",
        "    total_size=2,",
        ")",
    ]


def test_no_line_of_short_values_is_over_120_characters() -> None:
    lengths = set()
    for length in range(40, 100):
        for many in (1, 2):
            page = V2beta1ListArtifactResponse(artifacts=[V2beta1Artifact(name="n" * length)] * many, total_size=1)
            lengths.add(max(map(len, repr(page).splitlines())))

    assert max(lengths) == 120


def test_a_long_list_is_told_by_its_first_items_and_its_number() -> None:
    shown = repr(V2beta1ListArtifactResponse(artifacts=[V2beta1Artifact(name=f"{n}") for n in range(200)]))

    assert shown.count("V2beta1Artifact(") == 10
    assert "… and 190 more" in shown


def test_what_python_refuses_to_write_is_shown_as_too_long() -> None:
    artifact = V2beta1Artifact(name="x", metadata={"a": 10**5000})

    assert "metadata=<a dict too long to show>" in repr(artifact)
    assert "&lt;a dict too long to show&gt;" in artifact._repr_html_()


def test_a_long_value_is_cut() -> None:
    shown = repr(V2beta1Artifact(name="iris", metadata={"weights": list(range(100_000))}))

    assert len(shown) < 400
    assert "[0, 1, 2," in shown
    assert "…" in shown


def test_text_keeps_control_characters_out_of_a_terminal() -> None:
    assert "\x1b" not in repr(V2beta1Artifact(name="\x1b[2J\n"))


def test_a_page_is_a_table_of_its_items() -> None:
    page = V2beta1ListMetricsResponse(
        metrics=[
            V2beta1Metric(task_id="a", name="loss", value=0.5, step=0, namespace=""),
            V2beta1Metric(task_id="b", name="roc", value={"confidenceMetrics": []}, created_at=AT, namespace=""),
        ],
        total_size=57,
    )

    shown = table(page)

    assert shown.captions == ["2 of 57 metrics"]
    assert shown.cells == [
        *("task_id", "name", "value", "step", "created_at"),
        *("a", "loss", "0.5", "0", ""),
        *("b", "roc", '{"confidenceMetrics": []}', "", "2026-03-02 09:15:04+00:00"),
    ]


def test_an_empty_page_says_so() -> None:
    assert table(V2beta1ListArtifactResponse()).captions == ["0 of 0 artifacts"]


def test_any_other_message_is_a_table_of_its_fields() -> None:
    shown = table(V2beta1Artifact(name="iris", metadata={"accuracy": 0.97}, namespace=""))

    assert shown.captions == ["V2beta1Artifact"]
    assert shown.cells == ["name", "iris", "metadata", '{"accuracy": 0.97}']


def test_lists_of_messages_in_a_message_are_tables_in_it() -> None:
    lineage = V2beta1Lineage(artifacts=[V2beta1Artifact(name=name) for name in "ab"], truncated=False)

    shown = table(lineage)

    assert shown.captions == ["V2beta1Lineage"]
    assert shown.cells == ["artifacts", "", "name", "a", "b", "truncated", "False"]


def test_a_row_holds_no_further_tables_of_lists() -> None:
    task = V2beta1PipelineTaskDetail(name="train", state_history=[V2beta1RuntimeStatus(state="RUNNING")] * 3)

    assert "3 V2beta1RuntimeStatus" in table(V2beta1Lineage(tasks=[task])).cells


def test_messages_in_a_mapping_are_told_by_their_fields() -> None:
    task = V2beta1PipelineTaskDetail(inputs={"data": V2beta1ArtifactList(artifact_ids=["a"])})

    assert table(task).cells == ["inputs", '{"data": {"artifact_ids": ["a"]}}']


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_a_field_holds_stays_text(text: str) -> None:
    artifact = V2beta1Artifact(artifact_id=text, name=text, uri=text, type=text, description=text, namespace=text)
    link = V2beta1ArtifactTask(id=text, key=text, producer=V2beta1IOProducer(task_name=text))
    messages: list[Any] = [
        artifact,
        V2beta1ListArtifactResponse(artifacts=[artifact]),
        V2beta1ListArtifactTasksResponse(artifact_tasks=[link]),
        V2beta1Lineage(artifacts=[artifact], artifact_tasks=[link]),
        GooglerpcStatus(message=text),
    ]

    for message in messages:
        shown = table(message)
        assert shown.tags <= ALLOWED
        assert shown.attributes <= {"style"}
        assert text in shown.cells


@pytest.mark.parametrize("text", HOSTILE[:-1])
def test_whatever_metadata_and_values_hold_stays_text(text: str) -> None:
    hostile = {text: [text, {text: text}]}
    messages: list[Any] = [
        V2beta1Artifact(metadata=hostile),
        V2beta1ListArtifactResponse(artifacts=[V2beta1Artifact(metadata=hostile)]),
        V2beta1ListMetricsResponse(metrics=[V2beta1Metric(value=hostile, name="n")]),
        V2beta1PipelineTaskDetail(labels={text: text}, inputs={text: V2beta1ArtifactList(artifact_ids=[text])}),
    ]

    for message in messages:
        shown = table(message)
        assert shown.tags <= ALLOWED
        assert shown.attributes <= {"style"}


def test_a_large_page_is_a_table_of_bounded_size() -> None:
    long = {"key": "<&\"'>" * 1_000}
    artifacts = [V2beta1Artifact(name="<" * 1_000, metadata=long, uri="&" * 1_000) for _ in range(1_000)]

    html = V2beta1ListArtifactResponse(artifacts=artifacts, total_size=70_000)._repr_html_()

    shown = Table(html)
    assert shown.captions == ["200 of 70000 artifacts"]
    assert shown.rows == 201
    assert len(html) < 1_500_000


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser; without one the test is skipped, or fails where everything is required."""
    path = shutil.which(os.environ.get("CHROMIUM", "/usr/bin/chromium")) or shutil.which("chromium")
    if path is None:
        pytest.skip("no Chromium: install it, or name it in CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


def test_nothing_runs_or_is_fetched_in_a_real_browser(browser: Browser) -> None:
    hostile = [V2beta1Artifact(name=text, uri=text, metadata={text: text}) for text in HOSTILE]
    lineage = V2beta1Lineage(artifacts=hostile, truncated=True)
    page, requested = browser.new_page(), []
    page.on("request", lambda request: requested.append(request.url))

    shown: list[Any] = [V2beta1ListArtifactResponse(artifacts=hostile), lineage, *hostile]
    page.set_content("".join(message._repr_html_() for message in shown), wait_until="networkidle")

    assert page.evaluate("window.ran") is None
    assert requested == []
    names = page.evaluate("[...document.querySelectorAll('*')].map(each => each.localName)")
    assert set(names) - ALLOWED == {"html", "head", "body"}
    assert page.inner_text("caption >> nth=0") == f"{len(HOSTILE)} of {len(HOSTILE)} artifacts"
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_table_takes_its_colours_from_the_notebook(browser: Browser, scheme: str) -> None:
    ink = {"light": "rgb(1, 2, 3)", "dark": "rgb(250, 251, 252)"}[scheme]
    page = browser.new_page()

    page.set_content(f"<body style='color:{ink}'>{V2beta1Artifact(name='iris')._repr_html_()}</body>")

    assert page.evaluate("getComputedStyle(document.querySelector('td')).color") == ink
    assert page.evaluate("getComputedStyle(document.querySelector('td')).backgroundColor") == "rgba(0, 0, 0, 0)"
    page.close()

"""The README's tour works as it is printed."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys

import pytest
from support import ROOT, Api, LiveServer


def tour() -> list[str]:
    """The shell blocks of the tour."""
    return re.findall(r"<!-- tour -->\n```sh\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
def test_the_tour_of_the_readme_answers_what_it_says(live_server: LiveServer) -> None:
    answers = []
    for block in tour():
        script = block.replace("http://127.0.0.1:8888", live_server.url)
        done = subprocess.run(["/bin/sh", "-e", "-c", script], capture_output=True, text=True, check=True)
        answers.append(done.stdout)

    metric, artifact, (listed, lineage) = json.loads(answers[0]), json.loads(answers[1]), _documents(answers[2])
    assert (metric["task_id"], metric["value"], metric["step"]) == ("train-1", 0.97, 3)
    assert [item["artifact_id"] for item in listed["artifacts"]] == [artifact["artifact_id"]]
    assert [item["artifact_id"] for item in lineage["artifacts"]] == [artifact["artifact_id"]]


def test_the_python_of_the_readme_prints_what_was_logged(live_server: LiveServer) -> None:
    api = Api(live_server.url)
    api.metric(task_id="train-1", name="val/accuracy", value=0.97, step=3)
    api.close()
    [code] = re.findall(r"<!-- python -->\n```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    script = code.replace("http://127.0.0.1:8888", live_server.url)

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)

    assert done.stderr == ""
    first, *frame = done.stdout.splitlines()
    assert first.startswith("3 0.97 20")
    assert "val/accuracy" in frame[-1]


def _documents(text: str) -> list[dict[str, list[dict[str, str]]]]:
    decoder = json.JSONDecoder()
    documents = []
    while text:
        document, end = decoder.raw_decode(text)
        documents.append(document)
        text = text[end:]
    return documents


def test_the_readme_begins_with_the_two_commands() -> None:
    text = (ROOT / "README.md").read_text()

    assert text.index("make run") < text.index("make test") < text.index("##")

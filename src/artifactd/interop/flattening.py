"""Walks a compiled pipeline from its root and resolves what its tasks refer to, through nested pipelines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from artifactd.interop.compiled import CompiledTask, ImportedArtifact, TaskKind, as_declared
from artifactd.interop.sources import Argument, Constant, FirstKnown, OutputOf, Source, Template, Unknowable

_INTEGER = "NUMBER_INTEGER"
# KFP runs a task of this policy, an exit handler, whether or not what came before it succeeded.
_WHATEVER_HAPPENED = "ALL_UPSTREAM_TASKS_COMPLETED"
_COMPONENT_PREFIX = "comp-"
_EXECUTOR_MODULE = "kfp.dsl.executor_main"
_CHANNEL_PREFIX = "pipelinechannel--"


def flatten(spec: Mapping[str, Any]) -> Iterator[CompiledTask]:
    """Every task of a PipelineSpec; a nested pipeline comes before its own tasks.

    Raises:
        KeyError: the document refers to a task, a component or an executor that it does not hold.
        AttributeError, TypeError: a part of it has another structure than a PipelineSpec's.
    """
    root = spec["root"]
    arguments = {name: Argument(name) for name in root.get("inputDefinitions", {}).get("parameters", {})}
    return _Walk(spec).tasks(
        _Dag(path="", spec=root["dag"], parameters=arguments, artifacts={}, repeated=False, after=frozenset())
    )


def integers_among(parameters: Mapping[str, Any]) -> frozenset[str]:
    """The names of the parameters, of a component's definitions, that are integers."""
    return frozenset(name for name, each in parameters.items() if each.get("parameterType") == _INTEGER)


@dataclass(frozen=True, slots=True)
class _Dag:
    """One pipeline, nested or not, with what its inputs are from outside."""

    path: str
    spec: Mapping[str, Any]
    parameters: Mapping[str, Source]
    artifacts: Mapping[str, tuple[OutputOf, ...]]
    repeated: bool
    after: frozenset[str]

    def path_of(self, task_name: str) -> str:
        return f"{self.path}/{task_name}" if self.path else task_name


class _Walk:
    """The document, and the rules that lead from a reference in it to what it refers to."""

    def __init__(self, spec: Mapping[str, Any]) -> None:
        self._components: Mapping[str, Any] = spec["components"]
        self._executors: Mapping[str, Any] = spec["deploymentSpec"]["executors"]

    def tasks(self, dag: _Dag) -> Iterator[CompiledTask]:
        for name, task_spec in dag.spec["tasks"].items():
            component = self._component(task_spec)
            task = self._task(dag, name, task_spec, component)
            yield task
            if task.kind is TaskKind.DAG:
                yield from self.tasks(
                    _Dag(
                        path=task.path,
                        spec=component["dag"],
                        parameters=task.input_parameters,
                        artifacts=task.input_artifacts,
                        repeated=task.repeated,
                        after=task.after,
                    )
                )

    def _task(self, dag: _Dag, name: str, spec: Mapping[str, Any], component: Mapping[str, Any]) -> CompiledTask:
        inputs = component.get("inputDefinitions", {})
        outputs = component.get("outputDefinitions", {})
        output_parameters = outputs.get("parameters", {})
        parameters = self._parameters(dag, spec, inputs.get("parameters", {}))
        return CompiledTask(
            path=dag.path_of(name),
            name=name,
            display_name=spec.get("taskInfo", {}).get("name") or name,
            parent_path=dag.path or None,
            component=spec["componentRef"]["name"].removeprefix(_COMPONENT_PREFIX),
            kind=self._kind(component),
            repeated=dag.repeated or "parameterIterator" in spec or "artifactIterator" in spec,
            input_artifacts={
                key: self._artifact_sources(dag, each)
                for key, each in spec.get("inputs", {}).get("artifacts", {}).items()
            },
            input_parameters=parameters,
            integers=integers_among(inputs.get("parameters", {})) | integers_among(output_parameters),
            output_artifacts={
                key: str(each["artifactType"].get("schemaTitle", ""))
                for key, each in outputs.get("artifacts", {}).items()
            },
            output_parameters={key: str(each.get("parameterType", "")) for key, each in output_parameters.items()},
            after=self._after(dag, spec),
            importer=self._imported(component, parameters),
        )

    def _component(self, task_spec: Mapping[str, Any]) -> Mapping[str, Any]:
        component: Mapping[str, Any] = self._components[task_spec["componentRef"]["name"]]
        return component

    def _kind(self, component: Mapping[str, Any]) -> TaskKind:
        if "dag" in component:
            return TaskKind.DAG
        executor = self._executors[component["executorLabel"]]
        if "importer" in executor:
            return TaskKind.IMPORTER
        command = executor["container"].get("command", [])
        return TaskKind.PYTHON if any(_EXECUTOR_MODULE in part for part in command) else TaskKind.CONTAINER

    def _parameters(self, dag: _Dag, spec: Mapping[str, Any], definitions: Mapping[str, Any]) -> dict[str, Source]:
        """Where each parameter of a task comes from, its component's defaults included."""
        integers = integers_among(definitions)
        given = spec.get("inputs", {}).get("parameters", {})
        sources: dict[str, Source] = {
            name: self._parameter_source(dag, each) for name, each in given.items() if "runtimeValue" not in each
        }
        for name, each in given.items():
            if "runtimeValue" in each:
                constant = as_declared(name, each["runtimeValue"].get("constant"), integers)
                refers = isinstance(constant, str) and "{{$" in constant
                # A text refers to the task's other inputs, so it comes after them.
                sources[name] = Template(constant, dict(sources)) if refers else Constant(constant)
        for name, each in definitions.items():
            if name not in sources and "defaultValue" in each:
                sources[name] = Constant(as_declared(name, each["defaultValue"], integers))
        return sources

    def _parameter_source(self, dag: _Dag, reference: Mapping[str, Any]) -> Source:
        # A selector takes a part of a loop's item, and which item it was is not in the compiled pipeline.
        if "parameterExpressionSelector" in reference:
            return Unknowable()
        if "componentInputParameter" in reference:
            source = dag.parameters.get(reference["componentInputParameter"], Unknowable())
            # kfp.local hands a text on as it is and fills it in where it arrives, where its names refer to
            # nothing.
            return Unknowable() if isinstance(source, Template) else source
        if "taskOutputParameter" in reference:
            output = reference["taskOutputParameter"]
            return self._output_parameter(dag.spec, dag.path, output["producerTask"], output["outputParameterKey"])
        return Unknowable()

    def _artifact_sources(self, dag: _Dag, reference: Mapping[str, Any]) -> tuple[OutputOf, ...]:
        if "componentInputArtifact" in reference:
            return dag.artifacts.get(reference["componentInputArtifact"], ())
        output = reference["taskOutputArtifact"]
        return self._output_artifacts(dag.spec, dag.path, output["producerTask"], output["outputArtifactKey"])

    def _output_artifacts(self, dag: Mapping[str, Any], path: str, task_name: str, key: str) -> tuple[OutputOf, ...]:
        """The outputs, of tasks that run code, that stand behind an artifact output of a task."""
        component = self._component(dag["tasks"][task_name])
        task_path = f"{path}/{task_name}" if path else task_name
        if "dag" not in component:
            return (OutputOf(task_path, key),)
        selectors = component["dag"]["outputs"]["artifacts"][key]["artifactSelectors"]
        return tuple(
            source
            for each in selectors
            for source in self._output_artifacts(
                component["dag"], task_path, each["producerSubtask"], each["outputArtifactKey"]
            )
        )

    def _output_parameter(self, dag: Mapping[str, Any], path: str, task_name: str, key: str) -> Source:
        """What stands behind an output parameter of a task."""
        component = self._component(dag["tasks"][task_name])
        task_path = f"{path}/{task_name}" if path else task_name
        if "dag" not in component:
            return OutputOf(task_path, key)
        selector = component["dag"]["outputs"]["parameters"][key]
        if "valueFromParameter" in selector:
            choices = [selector["valueFromParameter"]]
        else:
            choices = selector["valueFromOneof"]["parameterSelectors"]
        sources = tuple(
            self._output_parameter(component["dag"], task_path, each["producerSubtask"], each["outputParameterKey"])
            for each in choices
        )
        return sources[0] if len(sources) == 1 else FirstKnown(sources)

    def _after(self, dag: _Dag, spec: Mapping[str, Any]) -> frozenset[str]:
        """The tasks whose success a task's start proves: those that it or a pipeline around it waits for."""
        if spec.get("triggerPolicy", {}).get("strategy") == _WHATEVER_HAPPENED:
            return frozenset()
        awaited = spec.get("dependentTasks", [])
        return dag.after.union(*(self._certain_tasks(dag.spec, dag.path, name) for name in awaited))

    def _certain_tasks(self, dag: Mapping[str, Any], path: str, task_name: str) -> frozenset[str]:
        """A task and, if it is a nested pipeline, those in it that cannot have been left out."""
        spec = dag["tasks"][task_name]
        task_path = f"{path}/{task_name}" if path else task_name
        if "condition" in spec.get("triggerPolicy", {}) or "parameterIterator" in spec or "artifactIterator" in spec:
            return frozenset()
        inner = self._component(spec).get("dag")
        if inner is None:
            return frozenset({task_path})
        return frozenset({task_path}).union(*(self._certain_tasks(inner, task_path, name) for name in inner["tasks"]))

    def _imported(self, component: Mapping[str, Any], parameters: Mapping[str, Source]) -> ImportedArtifact | None:
        if "dag" in component:
            return None
        importer = self._executors[component["executorLabel"]].get("importer")
        if importer is None:
            return None
        uri = importer["artifactUri"]
        return ImportedArtifact(
            uri=Constant(uri["constant"]) if "constant" in uri else parameters.get("uri", Unknowable()),
            schema_title=str(importer["typeSchema"].get("schemaTitle", "")),
            metadata=importer.get("metadata", {}),
        )


def is_channel(name: str) -> bool:
    """Whether an input is one that KFP's compiler added to carry a value, which no person named."""
    return name.startswith(_CHANNEL_PREFIX)

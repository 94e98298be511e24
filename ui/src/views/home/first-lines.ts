// The lines that fill an empty store.

/** Six lines of Python, for the server of that address. */
export function firstPython(server: string): string {
  return [
    "from artifactd_client import ApiClient, ArtifactServiceApi, Configuration  # pip install artifactd-client",
    `api = ArtifactServiceApi(ApiClient(Configuration(host="${server}")))`,
    'rows = api.create_artifact({"artifact": {"name": "rows", "type": "Dataset", "uri": "s3://bucket/rows.csv"}, "run_id": "run-1", "task_id": "load-1"})',
    'api.create_artifact_task({"artifact_task": {"artifact_id": rows.artifact_id, "task_id": "train-1", "run_id": "run-1", "key": "rows"}})',
    'api.create_artifact({"artifact": {"name": "iris", "type": "Model", "metadata": {"framework": "sklearn"}}, "run_id": "run-1", "task_id": "train-1"})',
    'api.log_metric({"metric": {"task_id": "train-1", "name": "accuracy", "value": 0.97}})',
  ].join("\n");
}

/** Six lines for a shell, for the server of that address. */
export function firstCli(server: string): string {
  return [
    `export ARTIFACTD_SERVER=${server}`,
    "artifactd artifact create --name rows --type Dataset --uri s3://bucket/rows.csv --task load-1 --run run-1",
    "artifactd artifact create --name iris --type Model --task train-1 --run run-1 --set framework=sklearn",
    "artifactd metric log train-1 val/accuracy 0.97 --step 3",
    "artifactd lineage --run run-1",
    "artifactd artifact list --where type=Model",
  ].join("\n");
}

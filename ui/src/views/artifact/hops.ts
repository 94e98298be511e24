// A lineage as the distances of its nodes from one artifact: how many artifacts away, upstream and downstream.

import { type Artifact, type ArtifactTask, isOutput, type Lineage } from "../../api/types";

export interface Hop {
  readonly direction: "UPSTREAM" | "DOWNSTREAM";
  readonly distance: number;
  readonly artifacts: readonly Artifact[];
}

type Step = ReadonlyMap<string, ReadonlySet<string>>;

function stepsOf(links: readonly ArtifactTask[], key: (link: ArtifactTask) => string, value: (link: ArtifactTask) => string): Step {
  const steps = new Map<string, Set<string>>();
  for (const link of links) {
    const known = steps.get(key(link)) ?? new Set<string>();
    steps.set(key(link), known.add(value(link)));
  }
  return steps;
}

function follow(from: ReadonlySet<string>, ...steps: readonly Step[]): Set<string> {
  return steps.reduce((here, step) => new Set([...here].flatMap((each) => [...(step.get(each) ?? [])])), new Set(from));
}

/** The artifacts of a lineage by distance: those upstream, furthest first, then those downstream, nearest first. */
export function hopsOf(lineage: Lineage, start: string): readonly Hop[] {
  const outputs = lineage.artifact_tasks.filter(isOutput);
  const inputs = lineage.artifact_tasks.filter((link) => !isOutput(link));
  const artifact = (link: ArtifactTask): string => link.artifact_id;
  const task = (link: ArtifactTask): string => link.task_id;
  const up = walk(lineage, start, "UPSTREAM", [stepsOf(outputs, artifact, task), stepsOf(inputs, task, artifact)]);
  const down = walk(lineage, start, "DOWNSTREAM", [stepsOf(inputs, artifact, task), stepsOf(outputs, task, artifact)]);
  return [...up.reverse(), ...down];
}

function walk(lineage: Lineage, start: string, direction: Hop["direction"], steps: readonly Step[]): Hop[] {
  const byId = new Map(lineage.artifacts.map((artifact) => [artifact.artifact_id, artifact]));
  const seen = new Set([start]);
  const hops: Hop[] = [];
  let here = new Set<string>([start]);
  for (let distance = 1; here.size; distance += 1) {
    here = new Set([...follow(here, ...steps)].filter((id) => !seen.has(id)));
    for (const id of here) seen.add(id);
    const artifacts = [...here].flatMap((id) => byId.get(id) ?? []);
    if (artifacts.length) hops.push({ direction, distance, artifacts });
  }
  return hops;
}

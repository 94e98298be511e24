// The page: its head, and the view that its address asks for.

import { lazy, Suspense, useSyncExternalStore } from "react";
import { currentKey, isKeyWanted, onKeyChange } from "../api/key";
import { Loading } from "../parts/notices";
import { namespaceOf } from "../state/namespace";
import { usePlace } from "../state/router";
import { type View, viewOf } from "../state/routes";
import { Home } from "../views/home/home";
import { Missing } from "../views/missing";
import { SignIn } from "../views/signin/sign-in";
import { ErrorBoundary } from "./error-boundary";
import { Head } from "./head";

// What a first visit does not show is loaded when it is asked for.
const Artifacts = lazy(() => import("../views/artifacts/artifacts"));
const OneArtifact = lazy(() => import("../views/artifact/artifact"));
const Runs = lazy(() => import("../views/runs/runs"));
const OneRun = lazy(() => import("../views/run/run"));
const Tasks = lazy(() => import("../views/tasks/tasks"));
const OneTask = lazy(() => import("../views/task/task"));
const Metrics = lazy(() => import("../views/metrics/metrics"));
const Plot = lazy(() => import("../views/plot/plot"));
const LineageView = lazy(() => import("../views/lineage/lineage"));
const Compare = lazy(() => import("../views/compare/compare"));

export function App() {
  const place = usePlace();
  const isWanted = useSyncExternalStore(onKeyChange, isKeyWanted);
  const key = useSyncExternalStore(onKeyChange, currentKey);
  const view = viewOf(place.path);
  return (
    <>
      <a className="skip" href="#content">To the content</a>
      <Head view={view} hasKey={key !== null} isKeyWanted={isWanted} />
      <main id="content" tabIndex={-1}>
        {isWanted ? <SignIn wasRefused={key !== null} /> : (
          <ErrorBoundary key={`${place.path}\n${namespaceOf(place.search)}\n${key ?? ""}`}>
            <Suspense fallback={<Loading what="the view" />}>{shown(view)}</Suspense>
          </ErrorBoundary>
        )}
      </main>
    </>
  );
}

function shown(view: View) {
  switch (view.name) {
    case "home": return <Home />;
    case "artifacts": return <Artifacts />;
    case "artifact": return <OneArtifact id={view.id} />;
    case "runs": return <Runs />;
    case "run": return <OneRun id={view.id} />;
    case "tasks": return <Tasks />;
    case "task": return <OneTask id={view.id} />;
    case "metrics": return <Metrics />;
    case "plot": return <Plot />;
    case "lineage": return <LineageView />;
    case "compare": return <Compare />;
    case "missing": return <Missing />;
  }
}

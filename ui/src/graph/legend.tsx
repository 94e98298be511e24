// What the shapes of a drawing say.

export function Legend() {
  return (
    <ul className="legend" aria-label="Legend">
      <li><span className="legend-artifact" aria-hidden="true" /> Artifact</li>
      <li><span className="legend-task" aria-hidden="true" /> Task, with its state</li>
      <li><span className="legend-bundle" aria-hidden="true" /> Many of a kind</li>
      <li><span className="legend-more" aria-hidden="true">+</span> More to unfold</li>
    </ul>
  );
}

// A confusion matrix as a table: counts, or shares of each row, the darker the more.

import { useState } from "react";
import { formatNumber } from "../format/numbers";
import { plainText } from "../format/texts";
import { Figure } from "./chart";
import { type Matrix, normalised } from "./classification";
import { paintedMatrix } from "./matrix-picture";
import { useColours } from "./theme";

const STEPS = 10;

/** How dark a share is, from 0 to 10. */
export const shadeOf = (share: number): number => Math.round(Math.min(1, Math.max(0, Number.isFinite(share) ? share : 0)) * STEPS);

export function ConfusionMatrix({ title, matrix }: { readonly title: string; readonly matrix: Matrix }) {
  const [isShares, setShares] = useState(false);
  const colours = useColours();
  const shares = normalised(matrix.rows);
  const shown = (row: number, column: number): string => (isShares ? `${((shares[row]?.[column] ?? 0) * 100).toFixed(1)}%` : formatNumber(matrix.rows[row]?.[column] ?? NaN));
  const labels = matrix.labels.map(plainText);
  const all = matrix.rows.flat().reduce((sum, count) => sum + count, 0);
  const right = matrix.rows.reduce((sum, row, index) => sum + (row[index] ?? 0), 0);
  const columns = Array.from({ length: Math.max(labels.length, ...matrix.rows.map((row) => row.length)) }, (_, index) => labels[index] ?? `class ${index + 1}`);
  return (
    <Figure
      title={title} told={[`${formatNumber(right)} of ${formatNumber(all)} on the diagonal, ${all > 0 ? ((right / all) * 100).toFixed(1) : "0"}%`]}
      tools={<button type="button" className="small" aria-pressed={isShares} onClick={() => setShares(!isShares)}>Shares of rows</button>}
      data={{ head: ["true", "predicted", "count", "share_of_row"], rows: matrix.rows.flatMap((row, index) => row.map((count, column) => [labels[index] ?? "", columns[column] ?? "", count, shares[index]?.[column] ?? 0])) }}
      png={() => paintedMatrix(labels, columns, shares, shown, colours)}
    >
      <div className="matrix-box" tabIndex={0} role="group" aria-label={`${title}, as a table`}>
        <table className="matrix">
          <thead><tr><th scope="col">true \ predicted</th>{columns.map((label, index) => <th key={index} scope="col">{label}</th>)}</tr></thead>
          <tbody>
            {matrix.rows.map((row, index) => (
              <tr key={index}>
                <th scope="row">{labels[index]}</th>
                {row.map((_, column) => <td key={column} className={`shade-${shadeOf(shares[index]?.[column] ?? 0)}${column === index ? " diagonal" : ""}`}>{shown(index, column)}</td>)}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Figure>
  );
}

// A confusion matrix as a picture, painted for the file alone: on the page it is a table.

import type { Colours } from "./theme";

const CELL = { width: 96, height: 40 };
const HEAD = { width: 150, height: 36 };
const PIXELS = 2;
const LETTERS = 18;

const cut = (text: string): string => (text.length > LETTERS ? `${text.slice(0, LETTERS - 1)}…` : text);

/** The picture as PNG; null where the browser cannot paint one so large. */
export function paintedMatrix(labels: readonly string[], columns: readonly string[], shares: readonly (readonly number[])[], shown: (row: number, column: number) => string, colours: Colours): Promise<Blob | null> {
  const canvas = document.createElement("canvas");
  canvas.width = (HEAD.width + columns.length * CELL.width) * PIXELS;
  canvas.height = (HEAD.height + labels.length * CELL.height) * PIXELS;
  const pen = canvas.getContext("2d");
  if (!pen) return Promise.resolve(null);
  pen.scale(PIXELS, PIXELS);
  pen.fillStyle = colours.ground;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.font = `13px ${getComputedStyle(document.body).fontFamily}`;
  pen.textBaseline = "middle";
  const write = (text: string, x: number, y: number, align: CanvasTextAlign): void => {
    pen.fillStyle = colours.ink;
    pen.textAlign = align;
    pen.fillText(text, x, y);
  };
  columns.forEach((label, column) => write(cut(label), HEAD.width + (column + 0.5) * CELL.width, HEAD.height / 2, "center"));
  labels.forEach((label, row) => {
    const y = HEAD.height + row * CELL.height;
    write(cut(label), HEAD.width - 10, y + CELL.height / 2, "right");
    columns.forEach((_, column) => {
      const x = HEAD.width + column * CELL.width;
      pen.globalAlpha = 0.08 + 0.5 * (shares[row]?.[column] ?? 0);
      pen.fillStyle = colours.series[0] ?? colours.ink;
      pen.fillRect(x + 1, y + 1, CELL.width - 2, CELL.height - 2);
      pen.globalAlpha = 1;
      write(shown(row, column), x + CELL.width / 2, y + CELL.height / 2, "center");
    });
  });
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}

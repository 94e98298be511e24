// Fails where the page has grown too heavy: what a first visit loads, and all of it together, compressed.
// Also writes each file compressed beside itself, which is what the server sends.

import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const ENTRY_BYTES_MAX = 130_000;
const ALL_BYTES_MAX = 900_000;
const built = join(dirname(fileURLToPath(import.meta.url)), "..", "src", "artifactd", "rest", "static", "page");
const manifest = JSON.parse(readFileSync(join(built, "manifest.json"), "utf8"));

/** The files that a chunk needs before it runs. */
function needed(key, seen = new Set()) {
  const chunk = manifest[key];
  if (!chunk || seen.has(chunk.file)) return seen;
  seen.add(chunk.file);
  for (const sheet of chunk.css ?? []) seen.add(sheet);
  for (const other of chunk.imports ?? []) needed(other, seen);
  return seen;
}

function compress(path) {
  const packed = gzipSync(readFileSync(path), { level: 9 });
  writeFileSync(`${path}.gz`, packed);
  return packed.length;
}

const sizes = new Map();
for (const name of readdirSync(built, { recursive: true })) {
  const path = join(built, name);
  if (statSync(path).isFile() && /\.(html|js|css|svg)$/.test(name)) sizes.set(name, compress(path));
}
const entry = [...needed("index.html")].reduce((sum, file) => sum + (sizes.get(file) ?? 0), 0);
const all = [...sizes.values()].reduce((sum, size) => sum + size, 0);
console.log(`page: ${entry} bytes at first (at most ${ENTRY_BYTES_MAX}), ${all} in all (at most ${ALL_BYTES_MAX}), gzip`);
if (entry > ENTRY_BYTES_MAX || all > ALL_BYTES_MAX) {
  console.error("the page is too heavy: load what is not needed at first with import()");
  process.exit(1);
}

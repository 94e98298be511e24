// Puts the licences of what the page is made of beside it, as they ask for.

import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, "node_modules");
const to = join(here, "..", "src", "artifactd", "rest", "static", "page", "LICENSES.txt");
const NOT_IN_THE_PAGE = new Set(["swagger-ui-dist"]);

const read = (path) => JSON.parse(readFileSync(path, "utf8"));

/** The packages that a package needs when it runs, and what those need. */
function needed(manifest, seen = new Set()) {
  for (const name of Object.keys(manifest.dependencies ?? {})) {
    if (seen.has(name) || NOT_IN_THE_PAGE.has(name) || !existsSync(join(modules, name))) continue;
    seen.add(name);
    needed(read(join(modules, name, "package.json")), seen);
  }
  return seen;
}

const texts = [...needed(read(join(here, "package.json")))].sort().map((name) => {
  const folder = join(modules, name);
  const { version, license } = read(join(folder, "package.json"));
  const files = readdirSync(folder, { withFileTypes: true })
    .filter((file) => file.isFile() && /^(licen[cs]e|notice)/i.test(file.name))
    .map((file) => file.name)
    .sort();
  const text = files.map((file) => readFileSync(join(folder, file), "utf8").trim()).join("\n\n");
  return `${name} ${version} (${license})\n\n${text}\n`;
});
writeFileSync(to, texts.join(`\n${"-".repeat(80)}\n\n`));

// Sizes for people.

const UNITS = ["B", "kB", "MB", "GB", "TB"] as const;

/** `812 B`, `1.4 kB`, `20 MB`: thousands, as disks count. */
export function formatBytes(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1_000 ** power;
  return `${power === 0 || value >= 10 ? Math.round(value) : value.toFixed(1)} ${UNITS[power] ?? "B"}`;
}

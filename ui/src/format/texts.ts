// Ids, links and names: texts that come from elsewhere and are shown as texts.

/** The end of an id, where it differs from those made at the same time: `…f4d459e3`. */
export function shortId(id: string): string {
  return id.length > 12 ? `…${id.slice(-8)}` : id;
}

const OPENABLE = new Set(["http:", "https:", "s3:", "gs:"]);

/** The address, where it is one that may be a link; else null. */
export function linkOf(text: string): string | null {
  if (!/^[a-z0-9]+:\/\/[^\s]+$/i.test(text)) return null;
  try {
    return OPENABLE.has(new URL(text).protocol) ? text : null;
  } catch {
    return null;
  }
}

/** `SUCCEEDED` as `Succeeded`; a state that the page does not know, likewise. */
export function stateName(state: string | undefined): string {
  if (!state || state === "RUNTIME_STATE_UNSPECIFIED") return "Unknown";
  return (state.charAt(0) + state.slice(1).toLowerCase()).replaceAll("_", " ");
}

/** Text with every control and direction character shown for what it is, so that none rearranges what stands beside it. */
export function plainText(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, "\ufffd");
}

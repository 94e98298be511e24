// The API key of who has signed in. It stays in this tab and goes with it.

const NAME = "artifactd-key";
const listeners = new Set<() => void>();
let asked = false;

/** The key, or null where nobody has signed in. */
export function currentKey(): string | null {
  return sessionStorage.getItem(NAME);
}

/** Keeps a key for this tab. */
export function signIn(key: string): void {
  sessionStorage.setItem(NAME, key.trim());
  asked = false;
  tell();
}

/** Forgets the key. */
export function signOut(): void {
  sessionStorage.removeItem(NAME);
  asked = true;
  tell();
}

/** Says that the server wants a key. */
export function askForKey(): void {
  if (asked) return;
  asked = true;
  tell();
}

/** Whether the server wants a key that it has not got. */
export function isKeyWanted(): boolean {
  return asked;
}

export function onKeyChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

function tell(): void {
  for (const listener of listeners) listener();
}

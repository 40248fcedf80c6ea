/** Returns the element with this id. */
export const byId = (id) => document.getElementById(id);

/** Returns the user's own name for a file. The member `name` of the file is chosen by the store. */
export const nameOf = (file) => file.display_name || file.name;

/** Formats seconds as `1:07`. */
export function clockTime(seconds) {
  const whole = Number.isFinite(seconds) ? Math.max(0, Math.floor(seconds)) : 0;
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

/** Formats a number of bytes as KB or MB. */
export function sizeText(bytes) {
  return bytes < 1024 * 1024 ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

/** Formats milliseconds as ms or s. */
export function waitText(milliseconds) {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}

/** Shows a short text, which screen readers announce. An empty text removes the last one. */
export function showNote(note, text, kind = 'plain') {
  note.dataset.kind = kind;
  note.textContent = text;
}

/** Creates an idempotency key. `randomUUID` is not used, because it needs a secure context. */
export function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

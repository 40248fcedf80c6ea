/** The element with this id. */
export const byId = (id) => document.getElementById(id);

/** Seconds as `1:07`. */
export function clockTime(seconds) {
  const whole = Number.isFinite(seconds) ? Math.max(0, Math.floor(seconds)) : 0;
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

/** Bytes as people say them. */
export function sizeText(bytes) {
  return bytes < 1024 * 1024 ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

/** Milliseconds as people say them. */
export function waitText(milliseconds) {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}

/** A short text in a note, read out by screen readers; empty takes it away. */
export function say(note, text, kind = 'plain') {
  note.dataset.kind = kind;
  note.textContent = text;
}

/** A fresh name for one piece of work. `randomUUID` needs a secure page, this does not. */
export function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

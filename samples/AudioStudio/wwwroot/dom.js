/** Returns the element with this id. */
export const byId = (id) => document.getElementById(id);

/** Formats seconds as `1:07`. */
export function clockTime(seconds) {
  const whole = Number.isFinite(seconds) ? Math.max(0, Math.floor(seconds)) : 0;
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

/** Formats a number of bytes as KB or MB. */
export function sizeText(bytes) {
  return bytes < 1024 * 1024 ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

/** Formats milliseconds as seconds with one decimal. */
export const tenths = (milliseconds) => `${(milliseconds / 1000).toFixed(1)} s`;

/** Returns `1 payment` or `2 payments`. */
export const count = (number, noun) => `${number} ${noun}${number === 1 ? '' : 's'}`;

/** Shows a short text, which screen readers announce. An empty text removes the previous text. */
export function showNote(note, text, kind = 'plain') {
  note.dataset.kind = kind;
  note.textContent = text;
}

/** Sets a text only if it differs from the present text, because some screen readers announce a text each time it is set. */
export function setText(element, text) {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

/** Disables a button, which then ignores clicks but keeps the focus. */
export function setEnabled(button, isEnabled) {
  button.setAttribute('aria-disabled', String(!isEnabled));
}

export const isEnabled = (button) => button.getAttribute('aria-disabled') !== 'true';

/** Calls the handler for each click while the button is enabled. */
export function onClick(button, handler) {
  button.addEventListener('click', (event) => {
    if (isEnabled(button)) {
      handler(event);
    }
  });
}

/** Creates an idempotency key. `randomUUID` is not used, because it needs a secure context. */
export function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

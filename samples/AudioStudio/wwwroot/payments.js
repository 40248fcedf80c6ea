import { newKey } from './dom.js';
import { session } from './session.js';
import { messageForResponse } from './messages.js';

const PREFIX = 'studio.payment.';
const memory = new Map();

/**
 * Pays for a waveform and returns it. The idempotency key is stored until the response arrives. After a crash, a lost response, a reload
 * or a second click, the same request is repeated and charged only once.
 */
export async function payForWaveform(file) {
  const slot = PREFIX + file.sha256 + file.name;
  const key = readStoredKey(slot) ?? newKey();
  storeKey(slot, key);
  const response = await session.fetch('/api/waveforms', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key },
    body: JSON.stringify({ name: file.name }),
  });
  if (!response.ok) {
    if (isFinal(response.status)) {
      removeStoredKey(slot);
    }

    return { peaks: null, problem: await messageForResponse(response) };
  }

  const body = await response.json();
  removeStoredKey(slot);
  return {
    peaks: body.peaks ?? null,
    replayed: response.headers.has('Idempotency-Replayed'),
    problem: body.peaks ? null : 'This was paid for before, and its picture is no longer kept.',
  };
}

/** Returns whether repeating the same request cannot succeed. After any other status the key is kept for a repeat. */
const isFinal = (status) => [400, 402, 404, 410, 415, 422].includes(status);

function readStoredKey(slot) {
  try {
    return memory.get(slot) ?? localStorage.getItem(slot);
  } catch {
    return null;
  }
}

function storeKey(slot, key) {
  memory.set(slot, key);
  try {
    localStorage.setItem(slot, key);
  } catch {
    // The browser blocks the storage, so the key remains in memory only.
  }
}

function removeStoredKey(slot) {
  memory.delete(slot);
  try {
    localStorage.removeItem(slot);
  } catch {
    // Without access to the storage, no key was stored.
  }
}

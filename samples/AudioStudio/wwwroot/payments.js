import { newKey } from './dom.js';
import { session } from './session.js';
import { readMessage } from './messages.js';

const PREFIX = 'studio.payment.';
const memory = new Map();

/**
 * Asks for a waveform and pays for it. The key is kept until the answer is here, over a reload too, so that whatever
 * happens in between (a crash, a lost answer, an impatient user) the same request is sent again and paid once.
 */
export async function payForWaveform(file) {
  const slot = PREFIX + file.sha256 + file.name;
  const key = keptKey(slot) ?? newKey();
  keepKey(slot, key);
  const response = await session.fetch('/api/waveforms', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key },
    body: JSON.stringify({ name: file.name }),
  });
  if (!response.ok) {
    if (isFinal(response.status)) {
      dropKey(slot);
    }

    return { peaks: null, problem: await readMessage(response) };
  }

  const answer = await response.json();
  dropKey(slot);
  return {
    peaks: answer.peaks ?? null,
    replayed: response.headers.has('Idempotency-Replayed'),
    problem: answer.peaks ? null : 'This was paid for before, and its picture is no longer kept.',
  };
}

/** After these the request will never succeed as it is; after any other the same key may still have something to collect. */
const isFinal = (status) => [400, 402, 404, 410, 415, 422].includes(status);

function keptKey(slot) {
  try {
    return memory.get(slot) ?? localStorage.getItem(slot);
  } catch {
    return null;
  }
}

function keepKey(slot, key) {
  memory.set(slot, key);
  try {
    localStorage.setItem(slot, key);
  } catch {
    // Memory has it.
  }
}

function dropKey(slot) {
  memory.delete(slot);
  try {
    localStorage.removeItem(slot);
  } catch {
    // Where nothing can be removed nothing was kept.
  }
}

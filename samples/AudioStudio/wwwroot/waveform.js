import { byId } from './dom.js';

const PREFIX = 'studio.waveform.';
const MAX_STORED = 30;
const MIDDLE = 50;
const FLAT = `M0 ${MIDDLE}H400`;

/** Draws the peaks in the player, or a dotted line if the file has no waveform yet. */
export function drawWaveform(peaks) {
  const path = peaks ? pathOf(peaks) : FLAT;
  byId('wave').dataset.drawn = String(Boolean(peaks));
  byId('shape').setAttribute('d', path);
  byId('shape-played').setAttribute('d', path);
}

/** Returns an SVG path with one vertical line for each point. A silent point has a minimum height. */
function pathOf(peaks) {
  const loudest = Math.max(0.05, ...peaks.map(([low, high]) => Math.max(Math.abs(low), Math.abs(high))));
  const scale = (MIDDLE - 2) / loudest;
  return peaks.map(([low, high], index) => {
    const top = MIDDLE - Math.max(high * scale, 0.6);
    const bottom = MIDDLE - Math.min(low * scale, -0.6);
    return `M${index + 0.5} ${top.toFixed(1)}V${bottom.toFixed(1)}`;
  }).join('');
}

/** Returns the stored waveform of a file. Waveforms are stored by the SHA-256 of the file. */
export function readStoredWaveform(sha256) {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + sha256))?.peaks ?? null;
  } catch {
    return null;
  }
}

export function storeWaveform(sha256, peaks) {
  try {
    const kept = Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));
    kept.slice(0, Math.max(0, kept.length - MAX_STORED + 1)).forEach((key) => localStorage.removeItem(key));
    localStorage.setItem(PREFIX + sha256, JSON.stringify({ peaks }));
  } catch {
    // Without storage, the waveform is lost when the page is closed.
  }
}

import { byId } from './dom.js';

const PREFIX = 'studio.waveform.';
const MOST_KEPT = 30;
const MIDDLE = 50;
const FLAT = `M0 ${MIDDLE}H400`;

/** Draws peaks over the player, or a dotted line when there are none yet. */
export function drawWaveform(peaks) {
  const path = peaks ? pathOf(peaks) : FLAT;
  byId('wave').dataset.drawn = String(Boolean(peaks));
  byId('shape').setAttribute('d', path);
  byId('shape-played').setAttribute('d', path);
}

/** One thin stroke per point; a silent one still leaves a mark. */
function pathOf(peaks) {
  const loudest = Math.max(0.05, ...peaks.map(([low, high]) => Math.max(Math.abs(low), Math.abs(high))));
  const scale = (MIDDLE - 2) / loudest;
  return peaks.map(([low, high], index) => {
    const top = MIDDLE - Math.max(high * scale, 0.6);
    const bottom = MIDDLE - Math.min(low * scale, -0.6);
    return `M${index + 0.5} ${top.toFixed(1)}V${bottom.toFixed(1)}`;
  }).join('');
}

/** A waveform that was paid for, kept by its file's content: the picture of the same bytes is the same. */
export function keptWaveform(sha256) {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + sha256))?.peaks ?? null;
  } catch {
    return null;
  }
}

export function keepWaveform(sha256, peaks) {
  try {
    const kept = Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));
    kept.slice(0, Math.max(0, kept.length - MOST_KEPT + 1)).forEach((key) => localStorage.removeItem(key));
    localStorage.setItem(PREFIX + sha256, JSON.stringify({ peaks }));
  } catch {
    // Without storage the picture lasts as long as the page.
  }
}

import { byId } from './dom.js';
import { recall, recallNames, remember, forget } from './memory.js';

const PREFIX = 'waveform.';
const MAX_STORED = 30;
const WIDTH = 400;
const MIDDLE = 50;
const FLAT = `M0 ${MIDDLE}H${WIDTH}`;
const MIN_LABEL_DISTANCE = 56;
const SVG = 'http://www.w3.org/2000/svg';

/** Draws the peaks in the player, or a dotted line if the file has no waveform yet. */
export function drawWaveform(peaks) {
  const path = peaks ? pathOf(peaks) : FLAT;
  byId('wave').dataset.drawn = String(Boolean(peaks));
  byId('shape').setAttribute('d', path);
  byId('shape-played').setAttribute('d', path);
}

/**
 * Draws each outage as a band over the part of the waveform that was played during the outage. Each band has the length of its outage as a
 * label.
 */
export function drawBands(bands, duration) {
  const shares = duration > 0 ? bands.map(({ from, to, label }) => ({ left: from / duration, width: (to - from) / duration, label })) : [];
  byId('bands').replaceChildren(...shares.flatMap(({ left, width }) => ['band', 'band-hatch'].map((kind) => {
    const rectangle = document.createElementNS(SVG, 'rect');
    rectangle.setAttribute('class', kind);
    rectangle.setAttribute('x', String(left * WIDTH));
    rectangle.setAttribute('y', '0');
    rectangle.setAttribute('width', String(Math.max(width * WIDTH, 1)));
    rectangle.setAttribute('height', '100');
    return rectangle;
  })));
  byId('band-labels').replaceChildren(...labelled(shares).map(({ middle, label }) => {
    const text = document.createElement('span');
    text.textContent = label;
    text.style.insetInlineStart = `${Math.min(Math.max(middle, 0.03), 0.97) * 100}%`;
    return text;
  }));
}

/**
 * Returns the bands whose labels can be shown without overlap. If two bands are close to each other, only the later band keeps its label.
 */
function labelled(shares) {
  const width = byId('band-labels').clientWidth;
  const middles = shares.map((share) => ({ ...share, middle: share.left + share.width / 2 }))
    .sort((one, other) => one.middle - other.middle);
  return middles.filter(({ middle }, index) =>
    index === middles.length - 1 || (middles[index + 1].middle - middle) * width >= MIN_LABEL_DISTANCE);
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
export const readStoredWaveform = (sha256) => recall(PREFIX + sha256);

export function storeWaveform(sha256, peaks) {
  const kept = recallNames(PREFIX);
  kept.slice(0, Math.max(0, kept.length - MAX_STORED + 1)).forEach(forget);
  remember(PREFIX + sha256, peaks);
}

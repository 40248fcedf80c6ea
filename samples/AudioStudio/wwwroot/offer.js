import { byId, showNote } from './dom.js';
import { addEntry } from './log.js';
import { payForWaveform } from './payments.js';
import { currentFile } from './player.js';
import { session } from './session.js';
import { drawWaveform, storeWaveform, readStoredWaveform } from './waveform.js';

const button = byId('draw');
const note = byId('player-note');

let cost = 5;
let drawing = null;

/** Enables the button that draws a waveform for the given price. */
export function offerWaveforms(price) {
  cost = price;
  button.addEventListener('click', () => drawCurrent());
  showOffer(currentFile());
}

export function showOffer(file) {
  const drawable = file?.content_type === 'audio/wav';
  button.disabled = !drawable || drawing !== null;
  byId('crash-paying').disabled = button.disabled;
  button.textContent = `${file && readStoredWaveform(file.sha256) ? 'Draw again' : 'Draw waveform'} – ${cost} credits`;
  if (file && !drawable) {
    showNote(note, 'A waveform can be drawn from WAV files.');
  }
}

/** Pays for and draws the waveform of the file in the player. A second click during a request joins that request. */
export function drawCurrent() {
  drawing ??= draw(currentFile()).finally(() => {
    drawing = null;
    showOffer(currentFile());
  });
  showOffer(currentFile());
  return drawing;
}

async function draw(file) {
  showNote(note, 'Drawing…');
  let paid;
  try {
    paid = await payForWaveform(file);
  } catch {
    showNote(note, 'The server did not respond. Press again: you will not pay twice.', 'bad');
    return;
  }

  if (paid.peaks === null) {
    showNote(note, paid.problem, 'bad');
    return;
  }

  storeWaveform(file.sha256, paid.peaks);
  if (currentFile()?.sha256 === file.sha256) {
    drawWaveform(paid.peaks);
  }

  showNote(note, '');
  const { credits } = session.getSnapshot().credits;
  const rest = credits === null ? '' : `, ${credits} are left`;
  addEntry(`Waveform drawn: ${cost} credits paid once${rest}.${paid.replayed ? ' The repeat got the first response.' : ''}`, 'good');
}

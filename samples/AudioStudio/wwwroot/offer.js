import { byId, say } from './dom.js';
import { logEvent } from './log.js';
import { payForWaveform } from './payments.js';
import { currentFile } from './player.js';
import { session } from './session.js';
import { drawWaveform, keepWaveform, keptWaveform } from './waveform.js';

const button = byId('draw');
const note = byId('player-note');

let cost = 5;
let drawing = null;

/** Offers waveforms for the file in the player, at this price. */
export function offerWaveforms(price) {
  cost = price;
  button.addEventListener('click', () => drawCurrent());
  showOffer(currentFile());
}

export function showOffer(file) {
  const drawable = file?.content_type === 'audio/wav';
  button.disabled = !drawable || drawing !== null;
  byId('crash-paying').disabled = button.disabled;
  button.textContent = `${file && keptWaveform(file.sha256) ? 'Draw again' : 'Draw waveform'} – ${cost} credits`;
  if (file && !drawable) {
    say(note, 'A waveform can be drawn from WAV files.');
  }
}

/** Draws and pays for the file in the player. One at a time: a second click while the first is under way is the first. */
export function drawCurrent() {
  drawing ??= draw(currentFile()).finally(() => {
    drawing = null;
    showOffer(currentFile());
  });
  showOffer(currentFile());
  return drawing;
}

async function draw(file) {
  say(note, 'Drawing…');
  let paid;
  try {
    paid = await payForWaveform(file);
  } catch {
    say(note, 'The server did not answer. Press again: you will not pay twice.', 'bad');
    return;
  }

  if (paid.peaks === null) {
    say(note, paid.problem, 'bad');
    return;
  }

  keepWaveform(file.sha256, paid.peaks);
  if (currentFile()?.sha256 === file.sha256) {
    drawWaveform(paid.peaks);
  }

  say(note, '');
  const { credits } = session.getSnapshot().credits;
  const rest = credits === null ? '' : `, ${credits} are left`;
  logEvent(`Waveform drawn: ${cost} credits paid once${rest}.${paid.replayed ? ' The repeat got the first answer.' : ''}`, 'good');
}

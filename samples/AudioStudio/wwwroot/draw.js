import { byId, onClick, setEnabled, setText, showNote } from './dom.js';
import { addEntry } from './log.js';
import { whenChangedElsewhere } from './memory.js';
import { currentOutage, outages } from './outage.js';
import {
  checkOpenPayments, currentPayment, isAlreadyPaid, openPayment, payForWaveform, paymentCost, payments,
} from './payments.js';
import { currentFile, player } from './player.js';
import { session } from './session.js';
import { drawWaveform, readStoredWaveform } from './waveform.js';

/** The time after which the page reads the balance during a payment, so that the held credits are shown. */
const SHOW_HELD_MS = 250;

const button = byId('draw');
const note = byId('player-note');

/** The event `drawn` is dispatched when a payment has returned a waveform. */
export const drawing = new EventTarget();

/** Enables the button that draws a waveform for the given price. */
export function offerWaveforms() {
  onClick(button, () => drawCurrent());
  player.addEventListener('changed', () => {
    if (currentFile() !== null && !isWav(currentFile())) {
      showNote(note, 'A waveform can be drawn from WAV files.');
    }

    showOffer();
  });
  for (const event of ['began', 'ended', 'dropped']) {
    outages.addEventListener(event, showOffer);
  }

  session.addEventListener('credits-changed', async () => {
    showOffer();
    await checkOpenPayments();
    showOffer();
  });

  whenChangedElsewhere('payment.', showOffer);
  whenChangedElsewhere('waveform.', showOffer);
  payments.addEventListener('began', followPayment);
  payments.addEventListener('settled', ({ detail }) => showResult(detail));
  showOffer();
}

/** Sets the text of the button according to the file in the player and its payment. */
export function showOffer() {
  const file = currentFile();
  const { credits, status } = session.getSnapshot().credits;
  const isPoor = status === 'known' && credits < paymentCost() && openPayment(file ?? {}) === null;
  const [text, price, object = ''] = wording(file);
  setEnabled(button, isWav(file) && currentPayment() === null && !isPoor);
  setEnabled(byId('kill-paying'), isWav(file) && currentPayment() === null && !isPoor && currentOutage() === null);
  setText(byId('draw-text'), text);
  setText(byId('draw-object'), object);
  setText(byId('draw-price'), price);
  byId('poor').hidden = !isPoor;
  byId('draw').dataset.busy = String(currentPayment() !== null);
}

const isWav = (file) => file?.content_type === 'audio/wav';

/**
 * Returns the text of the button and the line below the button. The result also contains words of the text that a narrow button hides but
 * that screen readers read.
 */
function wording(file) {
  if (currentPayment() !== null) {
    return ['Paying…', currentOutage() === null ? 'safe to reload' : 'you pay once'];
  }

  const open = file && openPayment(file);
  if (open) {
    return isAlreadyPaid(open) ? ['Collect', 'already paid'] : ['Try again', 'you pay once'];
  }

  const price = `${paymentCost()} credits`;
  return file && readStoredWaveform(file.sha256) ? ['Draw', price, ' again'] : ['Draw', price, ' the waveform'];
}

/** Pays for the waveform of the file in the player and draws it, unless another payment is running. */
export function drawCurrent() {
  if (currentPayment() === null) {
    showNote(note, '');
    payForWaveform(currentFile());
  }
}

/** Shows the result of a payment, also if the payment was continued after a reload of the page. */
function showResult({ name, peaks, isReplay, problem }) {
  const isCurrent = currentFile()?.name === name;
  if (isCurrent && peaks !== null) {
    drawWaveform(peaks);
  }

  showOffer();
  if (peaks !== null) {
    const sentence = `Waveform drawn · −${paymentCost()}${leftText()}`;
    addEntry(isReplay ? `${sentence}. The repeat got the first response.` : sentence, 'good');
    drawing.dispatchEvent(new Event('drawn'));
    if (isCurrent) {
      showNote(note, sentence, 'good');
    }
  } else if (isCurrent) {
    showNote(note, problem, 'bad');
  }
}

function leftText() {
  const { credits } = session.getSnapshot().credits;
  return credits === null ? '' : ` · ${credits.toLocaleString()} left`;
}

function followPayment() {
  showOffer();
  setTimeout(() => {
    if (currentPayment() !== null) {
      session.refreshCredits();
    }
  }, SHOW_HELD_MS);
}

import { byId } from './dom.js';
import { drawing } from './draw.js';
import { hasFiles, sounds } from './files.js';
import { forget, recall, remember, whenChangedElsewhere } from './memory.js';
import { outages } from './outage.js';
import { player } from './player.js';

const PREFIX = 'steps.';
const STEPS = ['play', 'draw', 'kill'];

/**
 * Shows the three steps of the demonstration. A completed step is ticked, the next step is the primary action, and later steps are dimmed.
 */
export function leadThroughSteps() {
  player.addEventListener('started', () => tick('play'));
  drawing.addEventListener('drawn', () => tick('draw'));
  outages.addEventListener('ended', ({ detail }) => {
    if (detail.hasRestarted && !detail.isSignedOut) {
      tick('kill');
    }
  });
  sounds.addEventListener('chosen', showSteps);
  whenChangedElsewhere(PREFIX, showSteps);
  showSteps();
}

export function clearSteps() {
  STEPS.forEach((step) => forget(PREFIX + step));
  showSteps();
}

function tick(step) {
  remember(PREFIX + step, true);
  showSteps();
}

/**
 * Shows the steps. Exactly one button of the studio is the primary action. If there is no file, the primary action is the button of the
 * test tone. If there is a file, the primary action is the button of the next step.
 */
function showSteps() {
  const done = STEPS.filter((step) => recall(PREFIX + step) === true);
  const next = STEPS.find((step) => !done.includes(step) && !byId(step).hidden);
  for (const step of STEPS) {
    const state = done.includes(step) ? 'done' : step === next ? 'next' : 'later';
    byId(step).dataset.step = state;
    setDescribed(byId(step), state === 'done');
    byId(step).querySelector('.mark').textContent = state === 'done' ? '✓' : String(STEPS.indexOf(step) + 1);
    setPrimary(byId(step), hasFiles() && step === (next ?? STEPS.findLast((last) => !byId(last).hidden)));
  }

  setPrimary(byId('tone'), !hasFiles());
}

/** Adds a description to a ticked step for screen readers. The name of its button still describes the action. */
function setDescribed(button, isDone) {
  if (isDone) {
    button.setAttribute('aria-describedby', 'step-done');
  } else {
    button.removeAttribute('aria-describedby');
  }
}

function setPrimary(button, is) {
  button.classList.toggle('primary', is);
  button.toggleAttribute('data-primary', is);
}

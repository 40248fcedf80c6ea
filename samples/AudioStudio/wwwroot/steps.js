import { byId } from './dom.js';
import { drawing } from './draw.js';
import { hasFiles, sounds } from './files.js';
import { forget, recall, remember } from './memory.js';
import { outages } from './outage.js';
import { player } from './player.js';

const STEPS = ['play', 'draw', 'kill'];

/** Leads through the three steps. A step is ticked when it happens, the next one is the primary action, and later ones are dimmed. */
export function leadThroughSteps() {
  player.addEventListener('started', () => tick('play'));
  drawing.addEventListener('drawn', () => tick('draw'));
  outages.addEventListener('ended', ({ detail }) => {
    if (detail.hasRestarted && !detail.isSignedOut) {
      tick('kill');
    }
  });
  sounds.addEventListener('chosen', showSteps);
  showSteps();
}

export function clearSteps() {
  forget('steps');
  showSteps();
}

function tick(step) {
  const done = recall('steps') ?? [];
  if (!done.includes(step)) {
    remember('steps', [...done, step]);
    showSteps();
  }
}

/** Shows the steps. Exactly one button of the studio is the primary action: the test tone without a file, otherwise the next step. */
function showSteps() {
  const done = recall('steps') ?? [];
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

/** Describes a ticked step to screen readers. The name of the button stays its action. */
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

import { isOverdue, measure, watchBytes } from './patience.js';
import { session } from './session.js';
import { attempts, isLost, server, traffic } from './traffic.js';
import { currentWait, waits } from './waiting.js';

const PENDING_MS = 250;

/** The maximum time without a request, in milliseconds. After a longer time, the page cannot determine when the server restarted. */
const MAX_GAP_MS = 10_000;

/**
 * Dispatches the events `began`, `changed` (another cause), `ended` and `dropped` (the server was not killed, or no user was signed in).
 * The detail of each event is the outage.
 */
export const outages = new EventTarget();

let current = null;
let pending = null;

/** The time at which the device last came online again. */
let onlineAt = 0;
let endedAt = 0;

/** The epoch, the process id and the time of the last response of the server before an outage. */
let last = { ...server };

/**
 * The current outage, or null. Its cause is `killed`, `offline`, `hanging`, `lost` or `unseen` (a restart between two requests). An outage
 * has the epoch and the process id of the server before and after it. A different epoch means that the server has restarted.
 */
export const currentOutage = () => current;

/** Observes the session, the network and the requests to detect the beginning and the end of an outage. */
export function watchOutages() {
  watchBytes();
  session.addEventListener('state-changed', update);
  waits.addEventListener('changed', update);
  addEventListener('online', () => {
    onlineAt = performance.now();
    update();
  });

  // When the browser reports that it is offline, the session checks the server. The report alone does not prove an outage, because a server
  // on the same machine can be reached without a network.
  addEventListener('offline', () => session.triggerRecoveryCheck('offline'));
  traffic.addEventListener('sent', () => { pending ??= setInterval(watchPending, PENDING_MS); });
  traffic.addEventListener('answered', ({ detail }) => {
    if (current === null && detail.startedAt > endedAt) {
      measure(detail);
    }

    update();
  });
}

function watchPending() {
  update();
  if (!attempts.some((attempt) => attempt.endedAt === null)) {
    clearInterval(pending);
    pending = null;
  }
}

/**
 * Begins an outage because the user kills the server. With the functions of the result, the caller reports whether the server was killed.
 */
export function expectKill() {
  const outage = begin('killed', performance.now());
  return {
    succeeded: async () => {
      outage.isKillSent = true;
      const { status } = await session.triggerRecoveryCheck('request_failed');
      outage.wasChecked = status === 'healthy' || status === 'recovered';
      update();
    },
    failed: () => {
      if (current === outage) {
        drop();
      }
    },
  };
}

function update() {
  if (current === null) {
    const beginning = findBeginning();
    if (beginning === null) {
      rememberContact();
      return;
    }

    begin(...beginning);
  }

  current.wasUnwell ||= session.state !== 'ready';
  if (!navigator.onLine && current.cause === 'lost') {
    changeCause('offline');
  } else if (current.cause === 'offline' && hasFailedOnline()) {
    changeCause('lost');
  }

  if (current.isBeforeSignIn) {
    if (currentWait() === null || findTroubleBeforeSignIn() === null) {
      drop();
    }
  } else if (isOver(current)) {
    end();
  }
}

function changeCause(cause) {
  current.cause = cause;
  outages.dispatchEvent(new CustomEvent('changed', { detail: current }));
}

/** Returns the cause and the time of a new outage, or null. */
function findBeginning() {
  if (!session.isAuthenticated) {
    return currentWait() === null ? null : findTroubleBeforeSignIn();
  }

  const isRestarted = last.epoch !== null && server.epoch !== last.epoch && performance.now() - last.at < MAX_GAP_MS;
  return session.state === 'offline' || session.state === 'suspect' ? [awayCause(), firstUnanswered()]
    : findHanging() ? ['hanging', firstUnanswered()]
      : isRestarted && session.state === 'ready' ? ['unseen', last.at] : null;
}

/** Returns the cause and the time of an outage that the last request shows. Before a sign-in, the session has no state that shows it. */
function findTroubleBeforeSignIn() {
  const latest = attempts.findLast((attempt) => attempt.endedAt !== null);
  return latest && isLost(latest) ? [awayCause(), firstUnanswered()] : findHanging() ? ['hanging', firstUnanswered()] : null;
}

const awayCause = () => (navigator.onLine ? 'lost' : 'offline');

const answers = () => attempts.filter((attempt) => attempt.endedAt !== null && !isLost(attempt));

const findHanging = () => {
  const now = performance.now();
  return attempts.find((attempt) => attempt.endedAt === null && !attempt.isUpload && isOverdue(attempt, now)
    && !answers().some((other) => other.endedAt > attempt.startedAt));
};

/** Returns the time of the first request that was sent after the last response. */
function firstUnanswered() {
  const answeredAt = Math.max(0, ...answers().map((attempt) => attempt.endedAt));
  return attempts.find(({ startedAt, isUpload }) => startedAt >= answeredAt && !isUpload)?.startedAt ?? performance.now();
}

function rememberContact() {
  last = { ...server };
}

function begin(cause, startedAt) {
  current ??= {
    cause,
    startedAt,
    endedAt: null,
    epochBefore: last.epoch ?? server.epoch,
    processBefore: last.process ?? server.process,
    epochAfter: null,
    processAfter: null,
    isKillSent: false,
    wasChecked: false,
    wasUnwell: session.state !== 'ready',
    isBeforeSignIn: !session.isAuthenticated,
    isSignedOut: false,
    hasRestarted: false,
  };
  outages.dispatchEvent(new CustomEvent('began', { detail: current }));
  return current;
}

/** Returns whether a request has failed although the device is online again. */
const hasFailedOnline = () => navigator.onLine
  && attempts.some((attempt) => attempt.startedAt >= onlineAt && attempt.endedAt !== null && attempt.epoch === null);

/** Returns whether the session is ready again. After a kill, the session must have been checked or lost since the kill. */
function isOver({ cause, isKillSent, wasChecked, wasUnwell }) {
  if (session.state === 'signed_out') {
    return true;
  }

  const isWell = session.state === 'ready' && findHanging() === undefined;
  return isWell && (cause !== 'killed' || (isKillSent && (wasChecked || wasUnwell)));
}

function drop() {
  const outage = current;
  current = null;
  rememberContact();
  outages.dispatchEvent(new CustomEvent('dropped', { detail: outage }));
}

function end() {
  const outage = current;
  current = null;
  endedAt = performance.now();
  outage.endedAt = endedAt;
  outage.epochAfter = server.epoch;
  outage.processAfter = server.process;
  outage.isSignedOut = session.state === 'signed_out';
  outage.hasRestarted = outage.epochBefore !== null && outage.epochAfter !== outage.epochBefore;
  if (outage.cause === 'killed' && !outage.hasRestarted) {
    outage.cause = 'lost';
  }

  rememberContact();
  outages.dispatchEvent(new CustomEvent('ended', { detail: outage }));
}

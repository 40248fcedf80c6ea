import { session } from './session.js';
import { attempts, server, traffic } from './traffic.js';

/** A request that has no response after this time counts as an outage. A paid request may take longer, because the server works on it. */
const HANG_MS = 2_000;
const PAID_HANG_MS = 5_000;

/** The events `began` and `ended`. The detail of both is the outage. */
export const outages = new EventTarget();

let current = null;

/**
 * The outage that lasts at the moment, or null. Its cause is `killed`, `offline`, `hanging` or `lost`. The epoch and the process id are
 * those of the server before and after the outage; a different epoch means that the server has restarted.
 */
export const currentOutage = () => current;

/** Watches the session, the network and the requests for an outage and its end. */
export function watchOutages() {
  session.addEventListener('state-changed', update);
  addEventListener('online', update);
  addEventListener('offline', update);
  traffic.addEventListener('answered', update);
  traffic.addEventListener('sent', () => {
    setTimeout(update, HANG_MS + 10);
    setTimeout(update, PAID_HANG_MS + 10);
  });
}

/** Begins an outage because the user kills the server. The result has functions that report whether the server was killed. */
export function expectKill() {
  const outage = begin('killed', performance.now());
  outage.isKillSent = false;
  return {
    succeeded: () => {
      outage.isKillSent = true;
      outage.killSentAt = performance.now();
      update();
    },
    failed: () => {
      outage.isKillSent = true;
      outage.cause = 'lost';
      update();
    },
  };
}

function update() {
  if (current === null) {
    const beginning = findBeginning();
    if (beginning !== null) {
      begin(...beginning);
    }
  } else if (isOver(current)) {
    end();
  }
}

/** Returns the cause and the time of a new outage, or null. */
function findBeginning() {
  if (!session.isAuthenticated) {
    return null;
  }

  const now = performance.now();
  if (!navigator.onLine) {
    return ['offline', now];
  }

  if (session.state === 'offline' || session.state === 'suspect') {
    return ['lost', now];
  }

  const hanging = findHanging(now);
  return hanging ? ['hanging', hanging.startedAt] : null;
}

function findHanging(now) {
  const limit = (attempt) => (attempt.path === '/api/waveforms' ? PAID_HANG_MS : HANG_MS);
  return attempts.find((attempt) => attempt.endedAt === null && !attempt.isUpload && now - attempt.startedAt >= limit(attempt)
    && !attempts.some((other) => other.status !== null && other.endedAt > attempt.startedAt));
}

function begin(cause, startedAt) {
  current ??= {
    cause,
    startedAt,
    endedAt: null,
    epochBefore: server.epoch,
    processBefore: server.process,
    epochAfter: null,
    processAfter: null,
    isSignedOut: false,
  };
  current.cause = cause;
  outages.dispatchEvent(new CustomEvent('began', { detail: current }));
  return current;
}

function isOver(outage) {
  if (session.state === 'signed_out') {
    return true;
  }

  const isUnwell = session.state !== 'ready' || !navigator.onLine || findHanging(performance.now()) !== undefined;
  return !isUnwell && (outage.cause !== 'killed' || hasAnsweredSince(outage));
}

/** Returns whether the server has sent a response to a request that began after the kill. */
const hasAnsweredSince = ({ isKillSent, killSentAt }) =>
  isKillSent && attempts.some(({ startedAt, epoch }) => startedAt >= killSentAt && epoch !== null);

function end() {
  const outage = current;
  current = null;
  outage.endedAt = performance.now();
  outage.epochAfter = server.epoch;
  outage.processAfter = server.process;
  outage.isSignedOut = session.state === 'signed_out';
  outages.dispatchEvent(new CustomEvent('ended', { detail: outage }));
}

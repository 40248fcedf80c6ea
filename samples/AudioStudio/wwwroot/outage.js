import { session } from './session.js';
import { attempts, server, traffic } from './traffic.js';

/** A request that has no response after this time counts as an outage. A paid request may take longer, because the server works on it. */
const HANG_MS = 2_000;
const PAID_HANG_MS = 5_000;

/** The events `began`, `ended` and `dropped` (the server was not killed after all). The detail of each is the outage. */
export const outages = new EventTarget();

let current = null;

/** The time at which the device was last online again. */
let onlineAt = 0;

/**
 * The outage that lasts at the moment, or null. Its cause is `killed`, `offline`, `hanging` or `lost`. The epoch and the process id are
 * those of the server before and after the outage; a different epoch means that the server has restarted.
 */
export const currentOutage = () => current;

/** Watches the session, the network and the requests for an outage and its end. */
export function watchOutages() {
  session.addEventListener('state-changed', update);
  addEventListener('online', () => {
    onlineAt = performance.now();
    update();
  });

  // The browser's word alone is no outage: a server on this machine can be reached without a network.
  addEventListener('offline', () => session.triggerRecoveryCheck('offline'));
  traffic.addEventListener('answered', update);
  traffic.addEventListener('sent', () => {
    setTimeout(update, HANG_MS + 10);
    setTimeout(update, PAID_HANG_MS + 10);
  });
}

/** Begins an outage because the user kills the server. The result has functions that report whether the server was killed. */
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
        current = null;
        outages.dispatchEvent(new CustomEvent('dropped', { detail: outage }));
      }
    },
  };
}

function update() {
  if (current === null) {
    const beginning = findBeginning();
    if (beginning !== null) {
      begin(...beginning);
    }
    return;
  }

  current.wasUnwell ||= session.state !== 'ready';
  if (!navigator.onLine && current.cause === 'lost') {
    current.cause = 'offline';
  } else if (current.cause === 'offline' && hasFailedOnline()) {
    current.cause = 'lost';
  }

  if (isOver(current)) {
    end();
  }
}

/** Returns the cause and the time of a new outage, or null. */
function findBeginning() {
  if (!session.isAuthenticated) {
    return null;
  }

  const now = performance.now();
  if (session.state === 'offline' || session.state === 'suspect') {
    return [navigator.onLine ? 'lost' : 'offline', now];
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
    isKillSent: false,
    wasChecked: false,
    wasUnwell: session.state !== 'ready',
    isSignedOut: false,
    hasRestarted: false,
  };
  outages.dispatchEvent(new CustomEvent('began', { detail: current }));
  return current;
}

/** Returns whether a request has failed although the device is online again. */
const hasFailedOnline = () => navigator.onLine
  && attempts.some(({ startedAt, endedAt, epoch }) => startedAt >= onlineAt && endedAt !== null && epoch === null);

/** Returns whether the session is ready again. After a kill, it must have been checked or lost before it counts as ready. */
function isOver({ cause, isKillSent, wasChecked, wasUnwell }) {
  if (session.state === 'signed_out') {
    return true;
  }

  const isWell = session.state === 'ready' && findHanging(performance.now()) === undefined;
  return isWell && (cause !== 'killed' || (isKillSent && (wasChecked || wasUnwell)));
}

function end() {
  const outage = current;
  current = null;
  outage.endedAt = performance.now();
  outage.epochAfter = server.epoch;
  outage.processAfter = server.process;
  outage.isSignedOut = session.state === 'signed_out';
  outage.hasRestarted = outage.epochBefore !== null && outage.epochAfter !== outage.epochBefore;
  if (outage.cause === 'killed' && !outage.hasRestarted) {
    outage.cause = 'lost';
  }

  outages.dispatchEvent(new CustomEvent('ended', { detail: outage }));
}

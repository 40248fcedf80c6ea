import { byId } from './dom.js';
import { traffic } from './traffic.js';

/**
 * Decides for how long a request may have no response before the server counts as hanging. The time grows with the round trips that the
 * page has measured, so that a slow network does not count as an outage.
 */

const LEAST_MS = 3_000;
const MOST_MS = 12_000;

/** The additional time for which the server may work on a paid request before it counts as hanging. */
const WORK_MS = 2_000;
const MEASURED = 10;

const roundTrips = [];
let bytesAt = 0;

/** Begins to record when bytes of uploads and of the sound are transferred. */
export function watchBytes() {
  const [page] = performance.getEntriesByType('navigation');
  roundTrips.push(page ? page.responseStart - page.requestStart : 0);
  const notice = () => { bytesAt = performance.now(); };
  traffic.addEventListener('bytes', notice);
  byId('audio').addEventListener('progress', notice);
}

/**
 * Measures a request that has received a response. The response time after an outage does not depend on the network, so it is not measured.
 */
export function measure({ startedAt, endedAt, epoch, isUpload, key }) {
  if (epoch !== null && !isUpload && key === null) {
    roundTrips.push(endedAt - startedAt);
    roundTrips.splice(0, roundTrips.length - MEASURED);
  }
}

/**
 * Returns whether a request has waited for too long. If bytes of the request are still being sent, the server does not hang, and only the
 * network is slow.
 */
export function isOverdue({ startedAt, path }, now) {
  const limit = Math.min(Math.max(LEAST_MS, 1_500 + 2 * Math.max(...roundTrips)), MOST_MS);
  return now - startedAt >= limit + (path === '/api/waveforms' ? WORK_MS : 0) && now - bytesAt >= LEAST_MS;
}

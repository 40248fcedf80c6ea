// @ts-check
/** @import { SessionState, Transition, TransitionInput } from '../session-recovery.js' */

/**
 * Creates a row of the table of transitions.
 *
 * @param {SessionState} from
 * @param {TransitionInput} on
 * @param {SessionState} to
 * @param {Transition['emits']} [emits]
 * @returns {Transition}
 */
const row = (from, on, to, emits = null) => Object.freeze({ from, on, to, emits });

/**
 * Lists all transitions of the state machine. If a state has no row for an input, the input is ignored. Every input is a result of the
 * adapter or the server, or a request without a response. The start of a check is not an input and never changes the state.
 *
 * @type {readonly Transition[]}
 */
export const transitions = Object.freeze([
  row('starting', 'check_healthy', 'ready'),
  row('starting', 'check_inconclusive', 'suspect'),
  row('starting', 'check_unhealthy', 'recovering'),
  row('starting', 'unreachable', 'offline'),
  row('starting', 'session_refused', 'signed_out', 'session-lost'),
  row('starting', 'session_ended', 'signed_out'),

  row('ready', 'check_inconclusive', 'suspect'),
  row('ready', 'check_unhealthy', 'recovering'),
  row('ready', 'recovery_deferred', 'suspect'),
  row('ready', 'unreachable', 'offline'),
  row('ready', 'session_refused', 'signed_out', 'session-lost'),
  row('ready', 'session_ended', 'signed_out'),
  row('ready', 'session_began', 'starting'),

  row('suspect', 'check_healthy', 'ready', 'auth-recovered'),
  row('suspect', 'check_unhealthy', 'recovering'),
  row('suspect', 'unreachable', 'offline'),
  row('suspect', 'session_refused', 'signed_out', 'session-lost'),
  row('suspect', 'session_ended', 'signed_out'),
  row('suspect', 'session_began', 'starting'),

  row('recovering', 'recovery_succeeded', 'ready', 'auth-recovered'),
  row('recovering', 'recovery_failed', 'suspect'),
  row('recovering', 'unreachable', 'offline'),
  row('recovering', 'session_refused', 'signed_out', 'session-lost'),
  row('recovering', 'session_ended', 'signed_out'),
  row('recovering', 'session_began', 'starting'),

  row('offline', 'check_healthy', 'ready', 'auth-recovered'),
  row('offline', 'check_inconclusive', 'suspect'),
  row('offline', 'check_unhealthy', 'recovering'),
  row('offline', 'recovery_deferred', 'suspect'),
  row('offline', 'session_refused', 'signed_out', 'session-lost'),
  row('offline', 'session_ended', 'signed_out'),
  row('offline', 'session_began', 'starting'),

  row('signed_out', 'session_began', 'starting'),
]);

/**
 * Finds the transition for a state and an input.
 *
 * @param {SessionState} state
 * @param {TransitionInput} input
 * @returns {Transition | null} null if the input is ignored in that state
 */
export function findTransition(state, input) {
  return transitions.find((candidate) => candidate.from === state && candidate.on === input) ?? null;
}

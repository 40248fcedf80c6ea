// @ts-check
/** @import { SessionEventMap, SessionSnapshot, SessionState, TransitionInput } from '../session-recovery.js' */
/** @import { SignInPage } from './http.js' */
/** @import { SessionScope } from './session-scope.js' */
import { UNAVAILABLE, areEqualReadResults } from './balance.js';
import { Emitter } from './emitter.js';
import { findTransition } from './state-machine.js';

/**
 * The snapshot for a page that is rendered on a server, where no user is known.
 *
 * @type {SessionSnapshot}
 */
export const SERVER_SNAPSHOT = Object.freeze({ state: 'starting', reason: 'starting', isAuthenticated: false, credits: UNAVAILABLE });

/** Holds the state of a session and the scope of the signed-in user, and creates the snapshots for the page. */
export class SessionStatus {
  #scope;

  /** @type {SessionState} */
  #state = 'starting';
  #reason = 'starting';
  #isDisposed = false;
  #snapshot;

  /** @type {SignInPage | null} the sign-in page that responded to the last check */
  #signInPage = null;

  /** @type {Emitter<[]>} a new snapshot exists */
  changed = new Emitter();

  /** @type {Emitter<[name: keyof SessionEventMap, detail: unknown]>} an event for the page */
  events = new Emitter();

  /** @type {Emitter<[reason: string]>} emitted when the state is `ready` or `signed_out`, or when the session was disposed */
  settled = new Emitter();

  /** @type {Emitter<[]>} the state is `ready` */
  ready = new Emitter();

  /** @param {SessionScope} scope */
  constructor(scope) {
    this.#scope = scope;
    this.#snapshot = this.#createSnapshot();
  }

  get scope() {
    return this.#scope;
  }

  get state() {
    return this.#state;
  }

  get reason() {
    return this.#reason;
  }

  get snapshot() {
    return this.#snapshot;
  }

  get isDisposed() {
    return this.#isDisposed;
  }

  get isSettled() {
    return this.#state === 'ready' || this.#state === 'signed_out';
  }

  /** Gets a value that indicates whether a user is signed in. A user stays signed in in the states `offline` and `suspect`. */
  get isAuthenticated() {
    const inSession = this.#state !== 'starting' && this.#state !== 'signed_out';
    return inSession && (this.#scope.identity.token !== null || this.#scope.hasBeenReady);
  }

  /**
   * Ends the current user scope and continues with another scope.
   *
   * @param {SessionScope} scope
   */
  replaceScope(scope) {
    this.#scope.end();
    this.#scope = scope;
  }

  /**
   * Applies an input to the state machine and emits the resulting events.
   *
   * @param {TransitionInput} input
   * @param {string} reason
   */
  apply(input, reason) {
    const transition = findTransition(this.#state, input);
    if (transition === null) {
      if (this.#state === 'suspect' && (input === 'check_inconclusive' || input === 'recovery_deferred')) {
        // The session stays in the state `suspect`, but its reason changes.
        this.#reason = reason;
        this.publish();
      }

      return;
    }

    this.#state = transition.to;
    this.#reason = reason;
    if (transition.to === 'ready') {
      this.#scope.hasBeenReady = true;
      this.#scope.resetDelays();
    } else if (transition.to === 'offline') {
      this.#scope.balance.markStale();
    }

    this.publish();
    this.events.emit('state-changed', { state: transition.to, previous: transition.from, reason });
    if (transition.emits) {
      this.events.emit(transition.emits, { reason });
    }

    // A listener may have changed the state, so the state is read again.
    if (this.isSettled) {
      this.settled.emit(this.#reason);
    }

    if (this.#state === 'ready') {
      this.ready.emit();
    }
  }

  /**
   * Notifies the page once that a sign-in page responds in place of the server.
   *
   * @param {SignInPage | null} signInPage null: no sign-in page responded to the last check
   */
  setSignInPage(signInPage) {
    const isNew = signInPage !== null && this.#signInPage === null;
    this.#signInPage = signInPage;
    if (isNew) {
      this.events.emit('sign-in-required', { reason: signInPage });
    }
  }

  /** Creates a new snapshot if a value has changed, and emits the change. */
  publish() {
    const before = this.#snapshot;
    const next = this.#createSnapshot();
    const hasSameCredits = areEqualReadResults(before.credits, next.credits);
    const hasSameState = before.state === next.state && before.reason === next.reason && before.isAuthenticated === next.isAuthenticated;
    if (hasSameCredits && hasSameState) {
      return;
    }

    this.#snapshot = next;
    this.changed.emit();
    if (!hasSameCredits) {
      this.events.emit('credits-changed', next.credits);
    }
  }

  /** Ends the user scope without a change of the state. */
  dispose() {
    this.#isDisposed = true;
    this.#scope.end();
    this.changed.clear();
    this.settled.emit('disposed');
  }

  /** @returns {SessionSnapshot} */
  #createSnapshot() {
    return Object.freeze({
      state: this.#state,
      reason: this.#reason,
      isAuthenticated: this.isAuthenticated,
      credits: this.#scope.balance.result,
    });
  }
}

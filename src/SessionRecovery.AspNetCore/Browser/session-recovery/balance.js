// @ts-check
/** @import { CreditReading } from '../session-recovery.js' */
/** @import { JsonObject } from './http.js' */
/** @import { SafeStorage } from './environment.js' */

/**
 * @typedef {object} VersionToken the parsed header `Credits-Version`: `<tag>.<version>`
 * @property {string} text the header's value
 * @property {string} tag identifies the version history; only versions with the same tag can be compared
 * @property {bigint} version a 64-bit number
 */

/** @type {CreditReading} */
export const UNAVAILABLE = createReadResult('unavailable');

/** @type {CreditReading} */
export const UNAUTHENTICATED = createReadResult('unauthenticated');

/**
 * Creates an immutable read result.
 *
 * @param {CreditReading['status']} status
 * @param {number | null} [credits]
 * @param {number | null} [held]
 * @param {string | null} [asOf]
 * @returns {CreditReading}
 */
function createReadResult(status, credits = null, held = null, asOf = null) {
  return Object.freeze(/** @type {CreditReading} */ ({ status, credits, held, asOf }));
}

/**
 * Returns whether two read results have the same members.
 *
 * @param {CreditReading} a
 * @param {CreditReading} b
 */
export function areEqualReadResults(a, b) {
  return a.status === b.status && a.credits === b.credits && a.held === b.held && a.asOf === b.asOf;
}

/**
 * Parses the value of the header `Credits-Version`.
 *
 * @param {unknown} text
 * @returns {VersionToken | null} null if the value is not a version token
 */
function parseVersionToken(text) {
  const [, tag, version] = (typeof text === 'string' ? /^(.+)\.(\d{1,19})$/.exec(text) : null) ?? [];
  return tag !== undefined && version !== undefined ? { text: `${tag}.${version}`, tag, version: BigInt(version) } : null;
}

/**
 * Parses a number of credits.
 *
 * @param {unknown} value
 * @returns {number | null} null if the value is not a number that is represented exactly
 */
function parseAmount(value) {
  return Number.isSafeInteger(value) ? /** @type {number} */ (value) : null;
}

/**
 * Parses the balance in a response body.
 *
 * @param {JsonObject | null} body
 * @returns {CreditReading | null} null if the body contains no valid balance
 */
function parseReadResult(body) {
  if (body?.status === 'missing') {
    return createReadResult('missing');
  }

  const credits = parseAmount(body?.credits);
  if (credits === null || (body?.status !== 'known' && body?.status !== 'stale')) {
    return null;
  }

  return createReadResult(body.status, credits, parseAmount(body.held), typeof body.as_of === 'string' ? body.as_of : null);
}

/**
 * Parses a balance that was stored in the browser.
 *
 * @param {any} stored the value that a page has stored
 * @param {'known' | 'stale'} status
 * @returns {CreditReading | null} null if the value contains no valid balance
 */
function parseStored(stored, status) {
  const credits = parseAmount(stored?.credits);
  const asOf = typeof stored?.asOf === 'string' ? stored.asOf : null;
  return credits === null ? null : createReadResult(status, credits, parseAmount(stored.held), asOf);
}

/**
 * Parses the header `Credits-Available` of a paid response.
 *
 * @param {Headers} headers
 * @returns {number | null}
 */
export function parseAvailable(headers) {
  const text = headers.get('Credits-Available') ?? '';
  return /^-?\d{1,16}$/.test(text) ? parseAmount(Number(text)) : null;
}

/** The latest balance of one user. Balances are ordered by version and not by the time at which their responses arrive. */
export class Balance {
  #storage;
  #key;

  /** @type {string | null} */
  #userId = null;

  /** @type {VersionToken | null} */
  #versionToken = null;
  #order = 0;
  #result = UNAVAILABLE;

  /**
   * Initializes the balance with the balance that an earlier page stored for this user. The stored balance is marked as stale.
   *
   * @param {SafeStorage} storage
   * @param {string | null} key the storage key; null if the balance is not stored
   */
  constructor(storage, key) {
    this.#storage = storage;
    this.#key = key;
    const stored = key === null ? null : storage.getJson(key);
    const result = parseStored(stored, 'stale');
    if (result !== null) {
      this.#versionToken = parseVersionToken(stored.versionToken);
      this.#result = result;
    }
  }

  /** Gets the storage key; null if the balance is not stored. */
  get key() {
    return this.#key;
  }

  /** Gets the result of the latest read. */
  get result() {
    return this.#result;
  }

  /** Gets the value of the request header `Credits-Version`, or null. */
  get versionToken() {
    return this.#versionToken?.text ?? null;
  }

  /** Removes the balance from memory and from storage. */
  erase() {
    if (this.#key !== null) {
      this.#storage.remove(this.#key);
    }

    this.#userId = null;
    this.#versionToken = null;
    this.#order = 0;
    this.#result = UNAVAILABLE;
  }

  /**
   * Accepts the balance in a response body if it is later than the current balance.
   *
   * @param {Headers} headers
   * @param {JsonObject | null} body
   * @param {number} order the ordinal of the request's start
   * @returns {boolean} whether the body contains a valid balance
   */
  acceptBody(headers, body, order) {
    const result = parseReadResult(body);
    if (result === null) {
      return false;
    }

    const userId = typeof body?.user_id === 'string' ? body.user_id : null;
    if (userId !== null && this.#userId !== null && userId !== this.#userId) {
      this.erase();
    }

    this.#userId = userId ?? this.#userId;
    this.#replaceIfLater(result, parseVersionToken(headers.get('Credits-Version')), order);
    return true;
  }

  /**
   * Accepts the available credits in the headers of a paid response if they are later than the current balance.
   *
   * @param {number} available
   * @param {Headers} headers
   * @param {number} order the ordinal of the request's start
   */
  acceptAvailable(available, headers, order) {
    this.#replaceIfLater(createReadResult('known', available), parseVersionToken(headers.get('Credits-Version')), order);
  }

  /**
   * Accepts the balance that another tab has stored if its version is higher. A stale balance stays stale.
   *
   * @param {JsonObject | null} stored
   * @returns {boolean} true if the stored balance differs from the current one and the versions do not show which of them is later
   */
  acceptStored(stored) {
    const result = parseStored(stored, this.#result.status === 'stale' ? 'stale' : 'known');
    if (result === null) {
      return false;
    }

    const versionToken = parseVersionToken(stored?.versionToken);
    const isComparable = versionToken !== null && versionToken.tag === this.#versionToken?.tag;
    if (isComparable && versionToken.version > (this.#versionToken?.version ?? 0n)) {
      this.#replaceIfLater(result, versionToken, this.#order);
    }

    return !isComparable && (result.credits !== this.#result.credits || result.held !== this.#result.held);
  }

  /** Removes the version token, because the server has reported that the token is invalid. */
  dropVersionToken() {
    this.#versionToken = null;
  }

  /** Marks a known balance as stale, because it can no longer be confirmed. */
  markStale() {
    const { status, credits, held, asOf } = this.#result;
    if (status === 'known') {
      this.#result = createReadResult('stale', credits, held, asOf);
    }
  }

  /**
   * Replaces the balance if the new balance is later. A balance is later if its version is higher. If the versions cannot be compared, the
   * balance whose request started later is the later one.
   *
   * @param {CreditReading} next
   * @param {VersionToken | null} versionToken
   * @param {number} order
   */
  #replaceIfLater(next, versionToken, order) {
    const present = versionToken?.tag === this.#versionToken?.tag ? this.#versionToken : null;
    const isSameVersion = present !== null && versionToken?.version === present.version;
    const isLater = versionToken !== null && present !== null && !isSameVersion
      ? versionToken.version > present.version
      : order >= this.#order;
    if (!isLater) {
      return;
    }

    // The response headers contain the version and the available credits, but not the held credits. If the version is unchanged, the held
    // credits and the time of the stored balance are kept.
    const held = next.held ?? (isSameVersion ? this.#result.held : null);
    const asOf = next.asOf ?? (isSameVersion ? this.#result.asOf : null);
    this.#versionToken = versionToken;
    this.#order = order;
    this.#result = createReadResult(next.status, next.credits, held, asOf);
    this.#store();
  }

  #store() {
    if (this.#key === null) {
      return;
    }

    const { credits, held, asOf } = this.#result;
    if (credits === null) {
      this.#storage.remove(this.#key);
    } else {
      this.#storage.setJson(this.#key, { credits, held, asOf, versionToken: this.versionToken });
    }
  }
}

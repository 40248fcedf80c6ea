// @ts-check
/** @import { RequestServices, SentRequest } from './request-run.js' */
/** @import { ReaderServices } from './response-reader.js' */
import { describeRequest } from './request-description.js';
import { RequestHeaders } from './request-headers.js';
import { RequestRun } from './request-run.js';
import { ResponseReader } from './response-reader.js';

/** Sends the requests of the page with the session's token and with retries. */
export class RequestSender {
  /** @type {RequestServices} */
  #services;

  /** @param {Omit<ReaderServices, 'headers'>} services */
  constructor(services) {
    const headers = new RequestHeaders(services.settings, services.api);
    this.#services = { ...services, headers, reader: new ResponseReader({ ...services, headers }) };
  }

  /** Gets the emitter that notifies its listeners when a response contained the available credits of the user. */
  get creditsReceived() {
    return this.#services.reader.creditsReceived;
  }

  /**
   * Sends a request with the session's token, and repeats it if necessary.
   *
   * @param {RequestInfo | URL} input
   * @param {RequestInit} [init]
   * @param {{ isOwn?: boolean, isSingle?: boolean }} [options] isOwn: whether the module itself sends the request; isSingle: whether the
   *   request is not repeated after a failure
   * @returns {Promise<SentRequest>}
   */
  async send(input, init, { isOwn = false, isSingle = false } = {}) {
    const { baseUrl, environment } = this.#services.settings;
    const description = describeRequest(input, init, environment.href ?? baseUrl.href);
    if (!isOfServer(description.url, baseUrl)) {
      // The request has another origin than the server. It contains no data of the session, and its response does not affect the session.
      return { response: await environment.fetch(typeof input === 'string' ? description.url.href : input, init), order: 0 };
    }

    description.isRepeatable &&= !isSingle;
    return new RequestRun(this.#services, description, isOwn).run();
  }
}

/**
 * Returns whether a request is sent to the server. A `blob:` URL has the origin of its page, but the browser reads its content without a
 * request to the server.
 *
 * @param {URL} url
 * @param {URL} baseUrl
 */
function isOfServer({ origin, protocol }, baseUrl) {
  return origin === baseUrl.origin && protocol === baseUrl.protocol;
}

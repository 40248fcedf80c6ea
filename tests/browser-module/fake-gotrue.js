/** Simulates Supabase Auth in memory, with rotated refresh tokens and a reuse interval of 0. */
export const PROJECT = 'https://project.example';

const base64url = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const seconds = () => Math.floor(Date.now() / 1000);

export const createResponse = (status, body, headers = {}) =>
  new Response(
    typeof body === 'string' ? body : JSON.stringify(body),
    { status, headers: { 'Content-Type': 'application/json', ...headers } }
  );

/** Creates a responder that returns an error in the format of the API version 2024-01-01. */
export const respondWithError = (status, code) => () => createResponse(
  status, { code, message: `Error: ${code}.` }, { 'X-Supabase-Api-Version': '2024-01-01' }
);

export class FakeGoTrue {
  requests = [];
  faults = [];
  down = false;
  #sessions = new Map();
  #banned = new Set();
  #serial = 0;

  /** Issues a session in the form in which the client stores it. A negative lifetime creates an expired session. */
  issue(user, lifetime = 3600) {
    const id = `session-${++this.#serial}`;
    this.#sessions.set(id, { user, tokens: [] });
    return this.#addToken(id, null, lifetime);
  }

  ban(user) {
    this.#banned.add(user);
  }

  /** Ends the user's sessions, as a sign-out on another device does. */
  end(user) {
    for (const [id, session] of this.#sessions) {
      if (session.user === user) {
        this.#sessions.delete(id);
      }
    }
  }

  /** Gets the number of refresh requests. */
  get refreshes() {
    return this.requests.filter((request) => request.endsWith('/token?grant_type=refresh_token')).length;
  }

  /** Returns whether an API would accept the access token. */
  accepts(token) {
    const { session_id: id, exp } = JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
    return this.#sessions.has(id) && exp > seconds();
  }

  fetch = async (input, init = {}) => {
    const url = new URL(input);
    this.requests.push(`${init.method ?? 'GET'} ${url.pathname}${url.search}`);
    if (this.down) {
      throw new TypeError('Failed to fetch');
    }

    const body = init.body ? JSON.parse(init.body) : {};
    switch (`${url.pathname}${url.search}`) {
      case '/auth/v1/token?grant_type=password':
        return createResponse(200, this.issue(body.email));
      case '/auth/v1/token?grant_type=refresh_token': {
        const fault = this.faults.shift();
        return fault ? fault(() => this.#refresh(body.refresh_token), init.signal) : this.#refresh(body.refresh_token);
      }
      case '/auth/v1/logout?scope=local':
      case '/auth/v1/logout?scope=global':
        return this.#logout(new Headers(init.headers).get('Authorization'));
      default:
        return createResponse(404, '404 page not found');
    }
  };

  #logout(authorization) {
    const { session_id: id } = JSON.parse(Buffer.from(authorization.split('.')[1], 'base64url'));
    return this.#sessions.delete(id) ? new Response(null, { status: 204 }) : respondWithError(403, 'session_not_found')();
  }

  #refresh(token) {
    const [id, session] = [...this.#sessions].find(([, { tokens }]) => tokens.some((row) => row.token === token)) ?? [];
    if (!session) {
      return respondWithError(400, 'refresh_token_not_found')();
    }

    if (this.#banned.has(session.user)) {
      return respondWithError(400, 'user_banned')();
    }

    const row = session.tokens.find((candidate) => candidate.token === token);
    if (!row.revoked) {
      row.revoked = true;
      return createResponse(200, this.#addToken(id, token));
    }

    const active = session.tokens.find((candidate) => !candidate.revoked);
    if (active?.parent === token) {
      return createResponse(200, this.#createSession(id, active.token));
    }

    session.tokens.forEach((other) => {
      other.revoked = true;
    });
    return respondWithError(400, 'refresh_token_already_used')();
  }

  #addToken(id, parent, lifetime) {
    const token = `refresh-${++this.#serial}`;
    this.#sessions.get(id).tokens.push({ token, parent, revoked: false });
    return this.#createSession(id, token, lifetime);
  }

  // The token contains times in whole seconds, so that two tokens of one session that are issued within one second are equal, as with the
  // real server.
  #createSession(id, token, lifetime = 3600) {
    const { user } = this.#sessions.get(id);
    const exp = seconds() + lifetime;
    const claims = { sub: `id-of-${user}`, session_id: id, exp, iat: exp - 3600, role: 'authenticated' };
    const access = `${base64url({ alg: 'HS256' })}.${base64url(claims)}.c2lnbmVk`;
    return {
      access_token: access, token_type: 'bearer', expires_in: lifetime, expires_at: exp, refresh_token: token,
      user: {
        id: `id-of-${user}`, aud: 'authenticated', email: user, app_metadata: {}, user_metadata: {},
        created_at: '2030-01-01T00:00:00Z',
      },
    };
  }
}

/** Supabase's Auth as the client sees it: refresh tokens of the first kind, rotated, reuse interval 0, kept in memory. */
export const PROJECT = 'https://project.example';

const base64url = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const seconds = () => Math.floor(Date.now() / 1000);

export const answer = (status, body, headers = {}) =>
  new Response(typeof body === 'string' ? body : JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json', ...headers } });

/** In the shape that a client asks for by its version header. */
export const refusal = (status, code) => () => answer(status, { code, message: `It is ${code}.` }, { 'X-Supabase-Api-Version': '2024-01-01' });

export class FakeGoTrue {
  requests = [];
  faults = [];
  down = false;
  #sessions = new Map();
  #banned = new Set();
  #serial = 0;

  /** A session of a user, as the client would have stored it; a negative lifetime makes one that has expired. */
  issue(user, lifetime = 3600) {
    const id = `session-${++this.#serial}`;
    this.#sessions.set(id, { user, tokens: [] });
    return this.#grow(id, null, lifetime);
  }

  ban(user) {
    this.#banned.add(user);
  }

  /** As a sign-out on another device does. */
  end(user) {
    for (const [id, session] of this.#sessions) {
      if (session.user === user) {
        this.#sessions.delete(id);
      }
    }
  }

  /** How often Auth was asked for a refresh. */
  get refreshes() {
    return this.requests.filter((request) => request.endsWith('/token?grant_type=refresh_token')).length;
  }

  /** Whether an API would take this token. */
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
        return answer(200, this.issue(body.email));
      case '/auth/v1/token?grant_type=refresh_token': {
        const fault = this.faults.shift();
        return fault ? fault(() => this.#refresh(body.refresh_token), init.signal) : this.#refresh(body.refresh_token);
      }
      case '/auth/v1/logout?scope=local':
      case '/auth/v1/logout?scope=global':
        return this.#logout(new Headers(init.headers).get('Authorization'));
      default:
        return answer(404, '404 page not found');
    }
  };

  #logout(authorization) {
    const { session_id: id } = JSON.parse(Buffer.from(authorization.split('.')[1], 'base64url'));
    return this.#sessions.delete(id) ? new Response(null, { status: 204 }) : refusal(403, 'session_not_found')();
  }

  #refresh(token) {
    const [id, session] = [...this.#sessions].find(([, { tokens }]) => tokens.some((row) => row.token === token)) ?? [];
    if (!session) {
      return refusal(400, 'refresh_token_not_found')();
    }

    if (this.#banned.has(session.user)) {
      return refusal(400, 'user_banned')();
    }

    const row = session.tokens.find((candidate) => candidate.token === token);
    if (!row.revoked) {
      row.revoked = true;
      return answer(200, this.#grow(id, token));
    }

    const active = session.tokens.find((candidate) => !candidate.revoked);
    if (active?.parent === token) {
      return answer(200, this.#answerWith(id, active.token));
    }

    session.tokens.forEach((other) => {
      other.revoked = true;
    });
    return refusal(400, 'refresh_token_already_used')();
  }

  #grow(id, parent, lifetime) {
    const token = `refresh-${++this.#serial}`;
    this.#sessions.get(id).tokens.push({ token, parent, revoked: false });
    return this.#answerWith(id, token, lifetime);
  }

  // As the real one does, two tokens of one second for one session are the same text.
  #answerWith(id, token, lifetime = 3600) {
    const { user } = this.#sessions.get(id);
    const exp = seconds() + lifetime;
    const claims = { sub: `id-of-${user}`, session_id: id, exp, iat: exp - 3600, role: 'authenticated' };
    const access = `${base64url({ alg: 'HS256' })}.${base64url(claims)}.c2lnbmVk`;
    return {
      access_token: access, token_type: 'bearer', expires_in: lifetime, expires_at: exp, refresh_token: token,
      user: { id: `id-of-${user}`, aud: 'authenticated', email: user, app_metadata: {}, user_metadata: {}, created_at: '2030-01-01T00:00:00Z' },
    };
  }
}

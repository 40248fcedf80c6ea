import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { createSession } from '../../src/SessionRecovery.AspNetCore/Browser/session-recovery.js';
import { settle } from './fake-clock.js';
import { FakeMedia } from './fake-media.js';
import { FakeAdapter, Page, createDeferred, createResponse, respondWith } from './fake-server.js';

const LINKS = 'POST /uploads/take.wav/links';
const CONTENT = 'HEAD /uploads/take.wav/content';
const LIFETIME_MS = 900_000;

/** Opens a page with a session. The server of the page returns links with consecutive numbers. */
async function openPage({ lifetimeMs = LIFETIME_MS, clientAheadMs = 0, sendsDate = false } = {}) {
  const page = new Page();
  const adapter = new FakeAdapter();
  const session = await page.open(createSession, { adapter });
  let count = 0;
  const respondWithLink = () => {
    const now = page.clock.wallNow() - clientAheadMs;
    const body = { url: `/uploads/take.wav/content?link=${++count}`, expires_at: new Date(now + lifetimeMs).toISOString() };
    return createResponse(body, { headers: sendsDate ? { Date: new Date(now).toUTCString() } : {} });
  };
  page.server.on(LINKS, respondWithLink);
  const media = new FakeMedia();
  return { page, adapter, session, media, respondWithLink, links: () => page.server.requestsTo(LINKS).length };
}

async function openReadyPage(options) {
  const opened = await openPage(options);
  const connection = opened.session.media(opened.media, 'take.wav');
  await opened.page.clock.advance(100);
  opened.media.receiveMetadata();
  await opened.page.clock.advance(100);
  assert.equal(connection.state, 'ready');
  return { ...opened, connection };
}

test('a media element plays a signed link', async () => {
  const { media, connection } = await openReadyPage();
  assert.equal(media.src, 'https://studio.example/uploads/take.wav/content?link=1');
  assert.equal(media.paused, true);
  assert.equal(connection.reason, null);
});

test('a paused element has a new link before the old one ends', async () => {
  const { page, media } = await openReadyPage();
  media.playTo(42);
  media.pause();
  await page.clock.advance(LIFETIME_MS * 0.9);
  media.receiveMetadata();
  await page.clock.advance(100);
  assert.match(media.src, /link=2$/);
  assert.equal(media.currentTime, 42);
  assert.equal(media.paused, true, 'the user has paused');
});

test('an element with autoplay stays paused after a renewal', async () => {
  const { page, session, media } = await openPage();
  media.autoplay = true;
  session.media(media, 'take.wav');
  await page.clock.advance(100);
  media.receiveMetadata();
  await page.clock.advance(100);
  assert.equal(media.paused, false);
  media.pause();
  await page.clock.advance(LIFETIME_MS * 0.9);
  media.receiveMetadata();
  await page.clock.advance(100);
  assert.match(media.src, /link=2$/);
  assert.equal(media.paused, true);
});

test('an element with autoplay that starts at once goes on at the same second', async () => {
  const { page, session, media } = await openPage();
  media.autoplay = true;
  session.media(media, 'take.wav');
  await page.clock.advance(100);
  media.receiveMetadata();
  await page.clock.advance(100);
  media.playTo(42);
  media.fail(2);
  await page.clock.advance(100);
  media.receiveMetadata();
  await page.clock.advance(100);
  assert.match(media.src, /link=2$/);
  assert.ok(media.currentTime >= 42, `${media.currentTime} s`);
});

test('a playing element goes on at the same second with a new link', async () => {
  const { page, media } = await openReadyPage();
  await media.play();
  media.playTo(42);
  await page.clock.advance(LIFETIME_MS * 0.9);
  media.receiveMetadata();
  await page.clock.advance(100);
  assert.match(media.src, /link=2$/);
  assert.equal(media.currentTime, 42);
  assert.equal(media.paused, false);
});

test('an element that loads nothing before the playback is ready', async () => {
  const { page, session, media, links } = await openPage();
  media.preload = 'none';
  const connection = session.media(media, 'take.wav');
  await page.clock.advance(100);
  media.suspend();
  await page.clock.advance(60_000);
  assert.equal(connection.state, 'ready');
  assert.equal(links(), 1);
  await media.play();
  media.receiveMetadata();
  media.playTo(3);
  await page.clock.advance(60_000);
  assert.equal(connection.state, 'ready');
  assert.equal(media.paused, false);
  assert.equal(links(), 1);
});

test('an element that loads nothing goes on at the same second after a renewal', async () => {
  const { page, media } = await openReadyPage();
  await media.play();
  media.playTo(42);
  media.pause();
  await page.clock.advance(LIFETIME_MS * 0.9);
  assert.match(media.src, /link=2$/);
  media.suspend();
  await page.clock.advance(100);
  await media.play();
  media.receiveMetadata();
  assert.equal(media.currentTime, 42);
  assert.match(media.src, /link=2$/);
});

test('a playing element that loads nothing is started again', async () => {
  const { page, media, connection } = await openReadyPage();
  await media.play();
  media.playTo(42);
  media.fail(2);
  await page.clock.advance(100);
  media.suspend();
  await page.clock.advance(100);
  media.receiveMetadata();
  await page.clock.advance(100);
  assert.equal(connection.state, 'ready');
  assert.equal(media.currentTime, 42);
  assert.equal(media.paused, false);
});

test('a suspended element that may not start by itself is ready', async () => {
  const { page, media, connection, links } = await openReadyPage();
  await media.play();
  media.fail(2);
  await page.clock.advance(100);
  media.play = () => Promise.reject(new DOMException('A click is required.', 'NotAllowedError'));
  media.suspend();
  await page.clock.advance(60_000);
  assert.equal(connection.state, 'ready');
  assert.equal(links(), 2);
});

test('a new link keeps the playback rate', async () => {
  const { page, media } = await openReadyPage();
  await media.play();
  media.playbackRate = 1.5;
  await page.clock.advance(LIFETIME_MS * 0.9);
  media.receiveMetadata();
  await page.clock.advance(100);
  assert.match(media.src, /link=2$/);
  assert.equal(media.playbackRate, 1.5);
});

test('a file that has arrived completely keeps its link', async () => {
  const { page, media } = await openReadyPage();
  await media.play();
  media.playTo(42);
  media.receiveAll();
  await page.clock.advance(LIFETIME_MS * 2);
  assert.match(media.src, /link=1$/);
  media.pause();
  await media.play();
  await page.clock.advance(100);
  assert.match(media.src, /link=2$/, 'the next start of the playback needs a new link');
});

test('a link that ended during a pause is replaced after the error', async () => {
  const { page, media, connection } = await openReadyPage();
  await media.play();
  media.playTo(30);
  media.fail(2);
  assert.equal(connection.state, 'waiting');
  await page.clock.advance(100);
  media.receiveMetadata();
  await page.clock.advance(100);
  assert.equal(connection.state, 'ready');
  assert.match(media.src, /link=2$/);
  assert.equal(media.currentTime, 30);
  assert.equal(media.paused, false);
});

test('playback goes on after an outage of the server', async () => {
  const { page, media, connection, respondWithLink } = await openReadyPage();
  await media.play();
  media.playTo(30);
  page.server.down = true;
  media.fail(2);
  await page.clock.advance(8_000);
  assert.equal(connection.state, 'waiting');
  page.server.down = false;
  page.server.on(LINKS, respondWithLink);
  await page.clock.advance(4_000);
  media.receiveMetadata();
  await page.clock.advance(100);
  assert.equal(connection.state, 'ready');
  assert.equal(media.currentTime, 30);
  assert.equal(media.paused, false);
});

test('a server that hangs is noticed without an error', async () => {
  const { page, media } = await openReadyPage();
  await media.play();
  media.playTo(30);
  media.dispatchEvent(new Event('waiting'));
  await page.clock.advance(2_000);
  assert.match(media.src, /link=1$/);
  await page.clock.advance(1_500);
  media.receiveMetadata();
  await page.clock.advance(100);
  assert.match(media.src, /link=2$/);
  assert.equal(media.currentTime, 30);
});

test('a slow network is not a hang', async () => {
  const { page, media, connection } = await openReadyPage();
  await media.play();
  media.dispatchEvent(new Event('waiting'));
  for (let second = 0; second < 30; second += 2) {
    await page.clock.advance(2_000);
    media.receiveSome();
  }

  assert.match(media.src, /link=1$/);
  await page.clock.advance(3_500);
  assert.equal(connection.state, 'waiting', 'no data has arrived for three seconds');
});

test('a slow network is not a hang while the file loads', async () => {
  const { page, session, media, links } = await openPage();
  const connection = session.media(media, 'take.wav');
  for (let second = 0; second < 60; second += 5) {
    await page.clock.advance(5_000);
    media.receiveSome();
  }

  media.receiveMetadata();
  await page.clock.advance(100);
  assert.equal(connection.state, 'ready');
  assert.equal(links(), 1);
});

test('repeated stalls load the file less and less often', async () => {
  const { page, media, links } = await openReadyPage();
  await media.play();
  for (let second = 0; second < 240; second++) {
    media.dispatchEvent(new Event('waiting'));
    for (let part = 0; part < 60 && media.readyState > 0; part++) {
      await page.clock.advance(1_000);
    }

    await page.clock.advance(100);
    media.receiveMetadata();
    await page.clock.advance(100);
    media.playTo(30);
    if (page.clock.now() > 240_000) {
      break;
    }
  }

  assert.ok(links() >= 5 && links() <= 9, `${links()} links in four minutes`);
});

test('a seek during a stall does not hide it', async () => {
  const { page, media } = await openReadyPage();
  await media.play();
  media.dispatchEvent(new Event('waiting'));
  await page.clock.advance(2_000);
  media.currentTime = 50;
  await page.clock.advance(3_500);
  media.receiveMetadata();
  await page.clock.advance(100);
  assert.match(media.src, /link=2$/);
  assert.equal(media.currentTime, 50);
});

test('a pause ends the watch for a stall', async () => {
  const { page, media } = await openReadyPage();
  await media.play();
  media.dispatchEvent(new Event('waiting'));
  media.pause();
  await page.clock.advance(60_000);
  assert.match(media.src, /link=1$/);
});

test('a server that hangs after the metadata is noticed', async () => {
  const { page, session, media, links } = await openPage();
  media.autoplay = true;
  media.play = () => new Promise(() => {});
  const connection = session.media(media, 'take.wav');
  await page.clock.advance(100);
  media.receiveMetadata();
  await page.clock.advance(100);
  assert.equal(connection.state, 'ready');
  media.dispatchEvent(new Event('waiting'));
  await page.clock.advance(3_500);
  assert.equal(links(), 2);
});

test('a short wait for data is no stall', async () => {
  const { page, media } = await openReadyPage();
  await media.play();
  media.dispatchEvent(new Event('waiting'));
  await page.clock.advance(2_000);
  media.playTo(3);
  await page.clock.advance(60_000);
  assert.match(media.src, /link=1$/);
});

test('the user may pause, play and seek during a renewal', async () => {
  const { page, media } = await openReadyPage();
  await media.play();
  media.playTo(30);
  page.server.down = true;
  media.fail(2);
  await page.clock.advance(2_000);
  media.pause();
  page.server.down = false;
  await page.clock.advance(4_000);
  media.currentTime = 7;
  media.receiveMetadata();
  await page.clock.advance(100);
  assert.equal(media.currentTime, 7);
  assert.equal(media.paused, true);
});

for (const [status, reason] of [[404, 'not_found'], [410, 'lost'], [403, 'rejected']]) {
  test(`a ${status} for the link ends the connection as ${reason}`, async () => {
    const { page, session, media, links } = await openPage();
    page.server.on(LINKS, respondWith(status));
    const connection = session.media(media, 'take.wav');
    const states = [];
    connection.subscribe(() => states.push(connection.state));
    await page.clock.advance(60_000);
    assert.equal(connection.state, 'failed');
    assert.equal(connection.reason, reason);
    assert.deepEqual(states, ['failed']);
    assert.equal(links(), 1);
  });
}

test('an unsupported format is not an outage', async () => {
  const { page, session, media } = await openPage();
  page.server.on(CONTENT, respondWith(200));
  const connection = session.media(media, 'take.wav');
  await page.clock.advance(100);
  media.fail(4);
  await page.clock.advance(100);
  assert.equal(connection.reason, 'unsupported');
  const [request] = page.server.requestsTo(CONTENT);
  assert.match(request.url.search, /link=1$/);
  assert.equal(request.headers.has('Authorization'), false);
});

for (const status of [502, 503, 429, 403]) {
  test(`a file that is refused with ${status} is loaded again`, async () => {
    const { page, session, media, links } = await openPage();
    page.server.on(CONTENT, respondWith(status));
    const connection = session.media(media, 'take.wav');
    await page.clock.advance(100);
    media.fail(4);
    await page.clock.advance(100);
    assert.equal(connection.state, 'waiting');
    await page.clock.advance(2_000);
    media.receiveMetadata();
    await page.clock.advance(100);
    assert.equal(connection.state, 'ready');
    assert.equal(links(), 2);
  });
}

for (const [status, reason] of [[404, 'not_found'], [410, 'lost']]) {
  test(`a ${status} for the file ends the connection as ${reason}`, async () => {
    const { page, session, media } = await openPage();
    page.server.on(CONTENT, respondWith(status));
    const connection = session.media(media, 'take.wav');
    await page.clock.advance(100);
    media.fail(4);
    await page.clock.advance(100);
    assert.equal(connection.reason, reason);
  });
}

test('a refused file is loaded again after the delay that the server requires', async () => {
  const { page, session, media, links } = await openPage();
  page.server.on(CONTENT, respondWith(429, { 'Retry-After': '20' }));
  session.media(media, 'take.wav');
  await page.clock.advance(100);
  media.fail(4);
  await page.clock.advance(19_000);
  assert.equal(links(), 1);
  await page.clock.advance(2_000);
  assert.equal(links(), 2);
});

test('a file that fails again and again is loaded less and less often', async () => {
  const { page, session, media, links } = await openPage();
  page.server.on(CONTENT, respondWith(503));
  const connection = session.media(media, 'take.wav');
  for (let second = 0; second < 120; second++) {
    await page.clock.advance(1_000);
    if (media.error === null) {
      media.fail(4);
    }
  }

  assert.equal(connection.state, 'waiting');
  assert.ok(links() >= 5 && links() <= 9, `${links()} links in two minutes`);
});

test('a broken file is not loaded in a loop', async () => {
  const { page, media, links } = await openReadyPage();
  await media.play();
  for (let turn = 0; turn < 600; turn++) {
    await page.clock.advance(100);
    media.receiveMetadata();
    await page.clock.advance(100);
    if (media.readyState > 0 && media.error === null) {
      media.playTo(42);
      media.fail(3);
    }
  }

  assert.ok(links() >= 5 && links() <= 12, `${links()} links in two minutes`);
});

test('a play during a long wait retries at once', async () => {
  const { page, session, media, links } = await openPage();
  page.server.on(CONTENT, respondWith(503));
  session.media(media, 'take.wav');
  for (let second = 0; second < 60; second++) {
    await page.clock.advance(1_000);
    if (media.error === null) {
      media.fail(4);
    }
  }

  await page.clock.advance(1_000);
  const before = links();
  await media.play();
  await page.clock.advance(100);
  assert.equal(links(), before + 1);
});

test('an error of a server that is down is not an unsupported format', async () => {
  const { page, session, media } = await openPage();
  const connection = session.media(media, 'take.wav');
  await page.clock.advance(100);
  page.server.down = true;
  media.fail(4);
  await page.clock.advance(3_000);
  assert.equal(connection.state, 'waiting');
});

test('a short-lived link causes no request loop', async () => {
  const { page, media, links } = await openReadyPage({ lifetimeMs: 1 });
  for (let second = 0; second < 60; second++) {
    await page.clock.advance(1_000);
    media.receiveMetadata();
  }

  assert.ok(links() <= 8, `${links()} links in a minute`);
});

test('a client whose clock is ahead uses the clock of the server', async () => {
  const { page, media } = await openReadyPage({ clientAheadMs: LIFETIME_MS, sendsDate: true });
  await page.clock.advance(LIFETIME_MS * 0.85);
  assert.match(media.src, /link=1$/);
  await page.clock.advance(LIFETIME_MS * 0.05 + 5_000);
  assert.match(media.src, /link=2$/);
});

test('a link that seems to have ended already is used until an error', async () => {
  const { page, media, links } = await openReadyPage({ clientAheadMs: LIFETIME_MS });
  await page.clock.advance(LIFETIME_MS * 2);
  assert.equal(links(), 1);
  media.fail(2);
  await page.clock.advance(100);
  assert.equal(links(), 2);
});

test('a link that lasts for months is renewed after a day', async () => {
  const day = 86_400_000;
  const { page, media } = await openReadyPage({ lifetimeMs: day * 100 });
  await page.clock.advance(day - 1_000);
  assert.match(media.src, /link=1$/);
  await page.clock.advance(1_000);
  assert.match(media.src, /link=2$/);
});

test('a signed-out session ends the connection', async () => {
  const { session, page, connection } = await openReadyPage();
  await session.signOut();
  await connection.renew();
  await page.clock.advance(100);
  assert.equal(connection.reason, 'signed_out');
});

test('a sign-out stops the sound and removes the source', async () => {
  const { session, page, media, connection, links } = await openReadyPage();
  const states = [];
  connection.subscribe(() => states.push([connection.state, connection.reason]));
  await media.play();
  media.playTo(30);
  await session.signOut();
  assert.deepEqual(states, [['failed', 'signed_out']]);
  assert.equal(media.src, '');
  assert.equal(media.paused, true);
  media.fail(4);
  await media.play();
  await connection.renew();
  await page.clock.advance(LIFETIME_MS * 2);
  assert.equal(media.src, '');
  assert.equal(connection.reason, 'signed_out');
  assert.equal(links(), 1);
});

test('a change of the user ends the connection', async () => {
  const { page, adapter, media, connection, links } = await openReadyPage();
  await media.play();
  adapter.change('signed_in', 'token-of-b', 'user-2');
  await page.clock.advance(LIFETIME_MS * 2);
  assert.equal(media.src, '');
  assert.equal(media.paused, true);
  assert.equal(connection.state, 'failed');
  assert.equal(connection.reason, 'signed_out');
  assert.equal(links(), 1);
});

test('a renewal for the previous user sets no source', async () => {
  const { page, adapter, media, connection, respondWithLink } = await openReadyPage();
  const answer = createDeferred();
  page.server.on(LINKS, () => answer.promise);
  void connection.renew();
  await page.clock.advance(100);
  adapter.change('signed_in', 'token-of-b', 'user-2');
  await page.clock.advance(100);
  answer.resolve(respondWithLink());
  await page.clock.advance(10_000);
  assert.equal(media.src, '');
  assert.equal(connection.reason, 'signed_out');
});

test('a connection that was created during the sign-in waits for the user', async () => {
  const page = new Page();
  const adapter = new FakeAdapter();
  const token = createDeferred();
  const session = await page.open(createSession, { adapter: { ...adapter, getAccessToken: () => token.promise } });
  page.server.on(LINKS, () => createResponse({ url: '/uploads/take.wav/content?link=1', expires_at: null }));
  const media = new FakeMedia();
  const connection = session.media(media, 'take.wav');
  await page.clock.advance(1_000);
  assert.equal(connection.state, 'loading');
  token.resolve({ token: 'token-1', expiresAt: null });
  await page.clock.advance(100);
  media.receiveMetadata();
  await page.clock.advance(100);
  assert.equal(connection.state, 'ready');
});

test('a sign-out of a host with cookies stops the sound', async () => {
  const page = new Page();
  const session = await page.open(createSession, { adapter: undefined });
  page.server.on(LINKS, () => createResponse({ url: '/uploads/take.wav/content?link=1', expires_at: null }));
  const media = new FakeMedia();
  const connection = session.media(media, 'take.wav');
  await page.clock.advance(100);
  media.receiveMetadata();
  await media.play();
  await session.signOut();
  assert.equal(connection.reason, 'signed_out');
  assert.equal(media.src, '');
});

test('a connection without a user starts after the sign-in', async () => {
  const page = new Page();
  const adapter = new FakeAdapter(null);
  const session = await page.open(createSession, { adapter });
  page.server.on(LINKS, () => createResponse({ url: '/uploads/take.wav/content?link=1', expires_at: null }));
  const media = new FakeMedia();
  const connection = session.media(media, 'take.wav');
  await page.clock.advance(100);
  assert.equal(connection.reason, 'signed_out');
  adapter.change('signed_in', 'token-1');
  await page.clock.advance(100);
  await media.play();
  await page.clock.advance(100);
  media.receiveMetadata();
  await page.clock.advance(100);
  assert.equal(connection.state, 'ready');
});

test('a new token of the same user keeps the connection', async () => {
  const { page, adapter, media, connection } = await openReadyPage();
  await media.play();
  adapter.change('refreshed', 'token-2');
  await page.clock.advance(1_000);
  assert.equal(connection.state, 'ready');
  assert.equal(media.paused, false);
});

test('a disposed connection leaves no listener at the session', async (context) => {
  const signals = new Set();
  const { addEventListener } = EventTarget.prototype;
  context.mock.method(EventTarget.prototype, 'addEventListener', function (...given) {
    if (this instanceof AbortSignal) {
      signals.add(this);
    }

    return addEventListener.apply(this, given);
  });
  const { session, media } = await openReadyPage();
  const count = () => [...signals].reduce((sum, signal) => sum + getEventListeners(signal, 'abort').length, 0);
  session.media(media, 'take.wav').dispose();
  await settle();
  const before = count();
  for (let index = 0; index < 20; index++) {
    session.media(new FakeMedia(), 'take.wav').dispose();
  }

  await settle();
  assert.equal(count(), before);
});

test('a connection of a disposed session does nothing', async () => {
  const { page, session, media, links } = await openPage();
  session.dispose();
  session.media(media, 'take.wav');
  await page.clock.advance(60_000);
  assert.equal(links(), 0);
});

test('a second call for the same element replaces the first connection', async () => {
  const { session, page, media } = await openReadyPage();
  page.server.on('POST /uploads/other%20take.wav/links', () => createResponse({ url: '/uploads/other/content?link=9', expires_at: null }));
  const second = session.media(media, 'other take.wav');
  await page.clock.advance(100);
  media.receiveMetadata();
  await page.clock.advance(LIFETIME_MS * 3);
  assert.equal(second.state, 'ready');
  assert.match(media.src, /link=9$/, 'the first connection renews nothing, and a link without an end needs no renewal');
});

test('a disposed connection or session stops', async () => {
  for (const dispose of [({ connection }) => connection.dispose(), ({ session }) => session.dispose()]) {
    const opened = await openReadyPage();
    dispose(opened);
    opened.media.fail(2);
    await opened.page.clock.advance(LIFETIME_MS * 3);
    assert.match(opened.media.src, /link=1$/);
    assert.equal(opened.links(), 1);
  }
});

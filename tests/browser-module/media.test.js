import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSession } from '../../src/SessionRecovery.AspNetCore/Browser/session-recovery.js';
import { FakeMedia } from './fake-media.js';
import { FakeAdapter, Page, createResponse, respondWith } from './fake-server.js';

const LINKS = 'POST /uploads/take.wav/links';
const LIFETIME_MS = 900_000;

/** Opens a page with a session, and with a server that returns one numbered link after another. */
async function openPage({ lifetimeMs = LIFETIME_MS } = {}) {
  const page = new Page();
  const session = await page.open(createSession, { adapter: new FakeAdapter() });
  let count = 0;
  const respondWithLink = () => createResponse({
    url: `/uploads/take.wav/content?link=${++count}`,
    expires_at: new Date(page.clock.wallNow() + lifetimeMs).toISOString(),
  });
  page.server.on(LINKS, respondWithLink);
  const media = new FakeMedia();
  return { page, session, media, respondWithLink, links: () => page.server.requestsTo(LINKS).length };
}

async function openReadyPage(options) {
  const opened = await openPage(options);
  const connection = opened.session.media(opened.media, 'take.wav');
  await opened.page.clock.advance(100);
  opened.media.load();
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
  media.load();
  await page.clock.advance(100);
  assert.match(media.src, /link=2$/);
  assert.equal(media.currentTime, 42);
  assert.equal(media.paused, true, 'the user has paused');
});

test('a playing element goes on at the same second with a new link', async () => {
  const { page, media } = await openReadyPage();
  await media.play();
  media.playTo(42);
  await page.clock.advance(LIFETIME_MS * 0.9);
  media.load();
  await page.clock.advance(100);
  assert.match(media.src, /link=2$/);
  assert.equal(media.currentTime, 42);
  assert.equal(media.paused, false);
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
  media.load();
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
  media.load();
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
  media.load();
  await page.clock.advance(100);
  assert.match(media.src, /link=2$/);
  assert.equal(media.currentTime, 30);
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
  media.clearError();
  media.pause();
  page.server.down = false;
  await page.clock.advance(4_000);
  media.currentTime = 7;
  media.load();
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
  const connection = session.media(media, 'take.wav');
  await page.clock.advance(100);
  media.fail(4);
  await page.clock.advance(100);
  assert.equal(connection.reason, 'unsupported');
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
    media.load();
  }

  assert.ok(links() <= 8, `${links()} links in a minute`);
});

test('a signed-out session ends the connection', async () => {
  const { session, page, connection } = await openReadyPage();
  await session.signOut();
  await connection.renew();
  await page.clock.advance(100);
  assert.equal(connection.reason, 'signed_out');
});

test('a second call for the same element replaces the first connection', async () => {
  const { session, page, media } = await openReadyPage();
  page.server.on('POST /uploads/other%20take.wav/links', () => createResponse({ url: '/uploads/other/content?link=9', expires_at: null }));
  const second = session.media(media, 'other take.wav');
  await page.clock.advance(100);
  media.load();
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

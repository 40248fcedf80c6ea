import { byId, count, newKey, onClick, showNote, sizeText } from './dom.js';
import { remember, tab, whenChangedElsewhere } from './memory.js';
import { messageForResponse } from './messages.js';
import { titleOf } from './names.js';
import { choose, currentFile, lastPlace, stop } from './player.js';
import { session } from './session.js';
import { testTone } from './tone.js';
import { stopUploads, upload } from './uploads.js';

const UNDO_MS = 5_000;

const list = byId('files');
const note = byId('files-note');
const drop = byId('drop');
const picker = byId('picker');
const undo = byId('undo');

/** The event `chosen` is dispatched when the file in the player or the number of files changes. */
export const sounds = new EventTarget();

let files = [];
let isLoaded = false;
let deletion = null;
let isMakingTone = false;

/** The number of changes that this page has made to the list of files. */
let changes = 0;

export const hasFiles = () => visibleFiles().length > 0;

/**
 * Fetches the list of files. The old list remains visible until the new list has arrived. If the page changes the list during the request,
 * the list is fetched again.
 */
export async function showFiles() {
  await finishEarlierDeletion();
  const before = changes;
  const response = await session.fetch('/uploads');
  if (!response.ok) {
    showNote(note, await messageForResponse(response), 'bad');
    return;
  }

  const fetched = (await response.json()).files;
  if (changes !== before) {
    await showFiles();
    return;
  }

  files = fetched;
  isLoaded = true;
  if (currentFile() === null) {
    restorePlace();
  }

  render();
}

/** Empties the list of files when the user signs out, and returns the titles of the files whose uploads were stopped. */
export function clearFiles() {
  const stopped = stopUploads();
  changes += 1;
  files = [];
  isLoaded = false;
  clearTimeout(deletion?.timer);
  deletion = null;
  undo.hidden = true;
  stop();
  render();
  return stopped;
}

/** Uploads the test tone and selects it in the player. A second click during the upload has no effect. */
export async function useTestTone() {
  if (!isMakingTone) {
    isMakingTone = true;
    await upload([testTone()], add).finally(() => { isMakingTone = false; });
  }
}

function restorePlace() {
  const place = lastPlace();
  const file = visibleFiles().find(({ name }) => name === place?.name) ?? visibleFiles()[0];
  if (file) {
    take(file, { at: file.name === place?.name ? place.position : 0 });
  }
}

const visibleFiles = () => files.filter(({ name }) => name !== deletion?.file.name);

function render() {
  const visible = visibleFiles();
  byId('count').textContent = visible.length === 0 ? '' : count(visible.length, 'file');
  drop.dataset.small = String(visible.length > 0);
  list.replaceChildren(...visible.map((file) => {
    const item = byId('file').content.firstElementChild.cloneNode(true);
    const isCurrent = file.name === currentFile()?.name;
    item.dataset.current = String(isCurrent);
    const button = item.querySelector('.choose');
    button.setAttribute('aria-current', String(isCurrent));
    item.querySelector('.name').textContent = titleOf(file);
    item.querySelector('.about').textContent = `${kindOf(file)} · ${sizeText(file.size)}`;
    button.addEventListener('click', () => take(file, { play: true }));
    const remove = item.querySelector('.delete');
    remove.setAttribute('aria-label', `Delete ${titleOf(file)}`);
    remove.addEventListener('click', () => deleteLater(file));
    return item;
  }));
  sounds.dispatchEvent(new Event('chosen'));
}

const kindOf = (file) => ({ 'audio/wav': 'WAV', 'audio/mpeg': 'MP3', 'audio/ogg': 'OGG' })[file.content_type] ?? file.content_type;

function take(file, options) {
  choose(file, options);
  render();
}

function add(stored) {
  changes += 1;
  files = [stored, ...files.filter((file) => file.name !== stored.name)];
  take(stored);
  notifyTabs();
}

/** Hides a file, and deletes it after some seconds unless the user undoes the deletion. */
function deleteLater(file) {
  finishDeletion();
  const place = file.name === currentFile()?.name ? lastPlace() : null;
  if (place !== null) {
    stop();
  }

  // Because of the idempotency key, the browser module repeats the request after a restart of the server.
  deletion = { file, place, key: newKey(), timer: setTimeout(finishDeletion, UNDO_MS) };
  tab.remember('deletion', { name: file.name, key: deletion.key });
  byId('undo-text').textContent = `Deleting ${titleOf(file)}…`;
  undo.hidden = false;
  showNote(note, '');
  render();
  byId('undo-delete').focus();
}

function takeBack() {
  const { file, place, timer } = deletion;
  clearTimeout(timer);
  tab.forget('deletion');
  endDeletion();
  if (place !== null) {
    take(file, { at: place.position });
  } else {
    render();
  }
}

/** Deletes the hidden file at once. */
export async function finishDeletion() {
  if (deletion === null) {
    return;
  }

  const { file, key, timer } = deletion;
  clearTimeout(timer);
  changes += 1;
  files = files.filter(({ name }) => name !== file.name);
  endDeletion();
  const problem = await sendDeletion(file.name, key);
  if (problem !== null) {
    showNote(note, problem, 'bad');
    await showFiles().catch(() => {});
  }
}

/** Repeats a deletion whose request was not complete when the page was closed or reloaded. */
async function finishEarlierDeletion() {
  const earlier = isLoaded ? null : tab.recall('deletion');
  if (earlier !== null) {
    await sendDeletion(earlier.name, earlier.key);
  }
}

/**
 * Returns the reason for which a file could not be deleted, or null if the file was deleted. The HTTP status 404 counts as a success,
 * because a repeated request does not find the file that an earlier attempt has deleted.
 */
async function sendDeletion(name, key) {
  const headers = { 'Idempotency-Key': key };
  const response = await session.fetch(`/uploads/${encodeURIComponent(name)}`, { method: 'DELETE', headers, keepalive: true })
    .catch(() => null);
  if (response === null) {
    return 'The sound could not be deleted.';
  }

  if (tab.recall('deletion')?.key === key) {
    tab.forget('deletion');
  }

  notifyTabs();
  return response.ok || response.status === 404 ? null : messageForResponse(response);
}

/** Notifies the other tabs that the list of files at the server has changed. */
const notifyTabs = () => remember('files', newKey());

function endDeletion() {
  deletion = null;
  if (undo.contains(document.activeElement)) {
    (list.querySelector('button') ?? byId('pick')).focus();
  }

  undo.hidden = true;
}

byId('pick').addEventListener('click', () => picker.click());
onClick(byId('tone'), useTestTone);
onClick(byId('undo-delete'), takeBack);
picker.addEventListener('change', () => {
  upload(picker.files, add);
  picker.value = '';
});

whenChangedElsewhere('files', () => {
  if (session.isAuthenticated) {
    showFiles().catch(() => {});
  }
});

// The browser sends the request even if the page is closed. If the request fails, the file is deleted after the next load of the page.
addEventListener('pagehide', finishDeletion);

// Without this handler, the browser would open a file that the user drops outside of the upload area in place of the page.
for (const type of ['dragenter', 'dragover', 'dragleave', 'drop']) {
  addEventListener(type, (event) => {
    event.preventDefault();
    drop.dataset.over = String(type !== 'drop' && type !== 'dragleave' && drop.contains(event.target));
  });
}

addEventListener('drop', (event) => {
  if (session.isAuthenticated && event.dataTransfer.files.length > 0) {
    upload(event.dataTransfer.files, add);
  }
});

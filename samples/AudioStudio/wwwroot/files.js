import { byId, nameOf, newKey, showNote, sizeText } from './dom.js';
import { addEntry } from './log.js';
import { choose, currentFile, stop } from './player.js';
import { session } from './session.js';
import { testTone } from './tone.js';
import { messageForResponse } from './messages.js';

const MAX_ATTEMPTS = 3;

const list = byId('files');
const note = byId('files-note');
const drop = byId('drop');
const picker = byId('picker');

let files = [];
let onChoice = () => {};

/** Sets the listener for a change of the file in the player. */
export function whenChosen(listener) {
  onChoice = listener;
}

/** Fetches the list. The old list remains visible until the new one has arrived. */
export async function showFiles() {
  const response = await session.fetch('/uploads');
  if (!response.ok) {
    showNote(note, await messageForResponse(response), 'bad');
    return;
  }

  files = (await response.json()).files;
  render();
}

export function clearFiles() {
  files = [];
  stop();
  render();
}

function render() {
  byId('count').textContent = files.length === 0 ? '' : files.length === 1 ? '1 file' : `${files.length} files`;
  list.replaceChildren(...files.map((file) => {
    const item = byId('file').content.firstElementChild.cloneNode(true);
    item.dataset.current = String(file.name === currentFile()?.name);
    item.querySelector('.name').textContent = nameOf(file);
    item.querySelector('.about').textContent = `${kindOf(file)} · ${sizeText(file.size)}`;
    item.querySelector('.choose').addEventListener('click', () => take(file, { play: true }));
    const remove = item.querySelector('.delete');
    remove.setAttribute('aria-label', `Delete ${nameOf(file)}`);
    remove.addEventListener('click', () => deleteFile(file));
    return item;
  }));
}

const kindOf = (file) => ({ 'audio/wav': 'WAV', 'audio/mpeg': 'MP3', 'audio/ogg': 'OGG' })[file.content_type] ?? file.content_type;

function take(file, options) {
  const chosen = choose(file, options);
  render();
  onChoice(file);
  return chosen;
}

async function deleteFile(file) {
  // The idempotency key lets the module repeat the request after a restart. A repeat finds no file any more, so 404 counts as success, too.
  const response = await session.fetch(`/uploads/${encodeURIComponent(file.name)}`, {
    method: 'DELETE',
    headers: { 'Idempotency-Key': newKey() },
  });
  if (!response.ok && response.status !== 404) {
    showNote(note, await messageForResponse(response), 'bad');
    return;
  }

  if (currentFile()?.name === file.name) {
    stop();
    onChoice(null);
  }

  files = files.filter((other) => other.name !== file.name);
  render();
  showNote(note, `${nameOf(file)} is deleted.`);
  drop.querySelector('button').focus();
}

async function upload(blob) {
  showNote(note, `Uploading ${blob.name}…`);
  const stored = await store(blob);
  if (typeof stored === 'string') {
    showNote(note, stored, 'bad');
    return;
  }

  showNote(note, '');
  addEntry(`${nameOf(stored)} is stored, ${sizeText(stored.size)}.`);
  files = [stored, ...files.filter((file) => file.name !== stored.name)];
  await take(stored, { play: false });
}

/** Returns the stored file, or an error message. An interrupted upload is repeated unless the list already contains the file. */
async function store(blob) {
  const sha256 = await hashOf(blob);
  const before = new Set(files.map((file) => file.name));
  for (let attempt = 1; ; attempt++) {
    try {
      const body = new FormData();
      body.append('file', blob);
      const response = await session.fetch('/uploads', { method: 'POST', body });
      return response.ok ? await response.json() : await messageForResponse(response);
    } catch {
      if (sha256 === null || attempt === MAX_ATTEMPTS) {
        return 'The upload broke off. Please try again.';
      }
    }

    addEntry('The upload broke off; it is sent again.', 'warn');
    await session.whenReady();
    const arrived = await findArrived(sha256, before);
    if (arrived) {
      return arrived;
    }
  }
}

async function findArrived(sha256, before) {
  try {
    const response = await session.fetch('/uploads');
    return response.ok ? (await response.json()).files.find((file) => file.sha256 === sha256 && !before.has(file.name)) : null;
  } catch {
    return null;
  }
}

/** Returns the SHA-256, or null outside a secure context, where the browser has no hash functions. */
async function hashOf(blob) {
  if (!crypto.subtle) {
    return null;
  }

  const hash = await crypto.subtle.digest('SHA-256', await blob.arrayBuffer());
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

byId('pick').addEventListener('click', () => picker.click());
byId('tone').addEventListener('click', () => upload(testTone()));
picker.addEventListener('change', () => {
  if (picker.files.length > 0) {
    upload(picker.files[0]);
    picker.value = '';
  }
});
for (const type of ['dragenter', 'dragover']) {
  drop.addEventListener(type, (event) => {
    event.preventDefault();
    drop.dataset.over = 'true';
  });
}

for (const type of ['dragleave', 'drop']) {
  drop.addEventListener(type, () => { drop.dataset.over = 'false'; });
}

drop.addEventListener('drop', (event) => {
  event.preventDefault();
  if (event.dataTransfer.files.length > 0) {
    upload(event.dataTransfer.files[0]);
  }
});

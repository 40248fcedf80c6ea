import { byId, newKey, setText, showNote, sizeText } from './dom.js';
import { addEntry } from './log.js';
import { messageForResponse } from './messages.js';
import { titleOf } from './names.js';
import { session } from './session.js';
import { followUpload } from './traffic.js';

const queue = [];
let isRunning = false;

export const isUploading = () => isRunning;

/**
 * Uploads files one after the other, and calls the function with each stored file. The idempotency key lets the browser module repeat an
 * upload after a crash without storing the file twice.
 */
export async function upload(blobs, whenStored) {
  queue.push(...Array.from(blobs, (blob) => ({ blob, whenStored })));
  if (isRunning) {
    return;
  }

  isRunning = true;
  const problems = [];
  showNote(byId('files-note'), '');
  while (queue.length > 0) {
    const next = queue.shift();
    const result = await store(next.blob);
    if (typeof result === 'string') {
      problems.push(`${titleOf(next.blob)}: ${result}`);
    } else {
      addEntry(`${titleOf(result)} is stored, ${sizeText(result.size)}.`);
      next.whenStored(result);
    }
  }

  isRunning = false;
  byId('upload').hidden = true;
  showNote(byId('files-note'), problems.join(' '), 'bad');
}

/** Returns the stored file, or an error message. */
async function store(blob) {
  const waiting = queue.length > 0 ? `, ${queue.length} more` : '';
  byId('upload').hidden = false;
  setText(byId('upload-name'), `Uploading ${titleOf(blob)}${waiting}`);
  showProgress(0, blob.size);
  const body = new FormData();
  body.append('file', blob);
  followUpload(body, showProgress);
  try {
    const response = await session.fetch('/uploads', { method: 'POST', headers: { 'Idempotency-Key': newKey() }, body });
    return response.ok ? await response.json() : await messageForResponse(response);
  } catch {
    return 'The upload broke off. Try again.';
  }
}

function showProgress(sent, total) {
  byId('upload-progress').value = total > 0 ? sent / total : 0;
  setText(byId('upload-bytes'), `${sizeText(sent)} of ${sizeText(total)}`);
}

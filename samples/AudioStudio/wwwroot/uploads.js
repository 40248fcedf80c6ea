import { byId, newKey, setText, showNote, sizeText } from './dom.js';
import { addEntry } from './log.js';
import { messageForResponse } from './messages.js';
import { titleOf } from './names.js';
import { session } from './session.js';
import { followUpload } from './traffic.js';

/**
 * The uploads of the signed-in user, or null: the waiting files, the file that is being sent, and the controller that aborts the uploads.
 */
let run = null;

export const isUploading = () => run !== null;

/**
 * Uploads files one after the other, and calls the function with each stored file. Because of the idempotency key, the browser module can
 * repeat an upload after a crash without storing the file twice.
 */
export async function upload(blobs, whenStored) {
  const added = Array.from(blobs, (blob) => ({ blob, whenStored }));
  if (run !== null) {
    run.queue.push(...added);
    return;
  }

  const mine = { queue: added, blob: null, controller: new AbortController() };
  run = mine;
  const problems = [];
  showNote(byId('files-note'), '');
  while (mine.queue.length > 0) {
    const next = mine.queue.shift();
    mine.blob = next.blob;
    const result = await store(next.blob, mine);
    if (run !== mine) {
      return;
    }

    if (typeof result === 'string') {
      problems.push(`${titleOf(next.blob)}: ${result}`);
    } else {
      addEntry(`${titleOf(result)} is stored, ${sizeText(result.size)}.`);
      next.whenStored(result);
    }
  }

  run = null;
  byId('upload').hidden = true;
  showNote(byId('files-note'), problems.join(' '), 'bad');
}

/** Ends the uploads of a user who signs out, and returns the titles of the files that were not stored. */
export function stopUploads() {
  if (run === null) {
    return [];
  }

  const { queue, blob, controller } = run;
  run = null;
  controller.abort();
  byId('upload').hidden = true;
  return [blob, ...queue.map((next) => next.blob)].map(titleOf);
}

/** Returns the stored file, or an error message. */
async function store(blob, { queue, controller }) {
  const waiting = queue.length > 0 ? `, ${queue.length} more` : '';
  byId('upload').hidden = false;
  setText(byId('upload-name'), `Uploading ${titleOf(blob)}${waiting}`);
  showProgress(0, blob.size);
  const body = new FormData();
  body.append('file', blob);
  followUpload(body, showProgress);
  const headers = { 'Idempotency-Key': newKey() };
  try {
    const response = await session.fetch('/uploads', { method: 'POST', headers, body, signal: controller.signal });
    return response.ok ? await response.json() : await messageForResponse(response);
  } catch {
    return 'The upload broke off. Try again.';
  }
}

function showProgress(sent, total) {
  byId('upload-progress').value = total > 0 ? sent / total : 0;
  setText(byId('upload-bytes'), `${sizeText(sent)} of ${sizeText(total)}`);
}

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

test('a page with React, the official client and the module is bundled without a warning', () => {
  const folder = mkdtempSync(join(tmpdir(), 'session-recovery-page-'));
  try {
    const output = execFileSync(process.execPath, [fileURLToPath(new URL('build.js', import.meta.url)), folder], {
      encoding: 'utf8',
      stdio: 'pipe',
    });
    assert.equal(output, '');
    const bundle = readFileSync(join(folder, 'page.js'), 'utf8');
    assert.match(bundle, /session-recovery:lock:/);
    assert.match(readFileSync(join(folder, 'index.html'), 'utf8'), /page\.js/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

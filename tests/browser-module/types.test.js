import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import * as exported from '../../src/SessionRecovery.AspNetCore/Browser/session-recovery.js';

const here = fileURLToPath(new URL('.', import.meta.url));
const browser = new URL('../../src/SessionRecovery.AspNetCore/Browser/', import.meta.url);
const compiler = `${here}node_modules/typescript/bin/tsc`;

test('the declared names are the exported names', () => {
  const types = readFileSync(new URL('session-recovery.d.ts', browser), 'utf8');
  const declared = [...types.matchAll(/^export (?:const|function|class) (\w+)/gm)].map(([, name]) => name);
  assert.deepEqual(declared.sort(), Object.keys(exported).sort());
});

test('the types accept a correct page and reject mistakes', { skip: !existsSync(compiler) && 'npm ci first' }, () => {
  execFileSync(process.execPath, [compiler, '--project', `${here}tsconfig.json`], { stdio: 'pipe', encoding: 'utf8' });
});

test('the types accept both generations of Supabase\'s client', { skip: !existsSync(compiler) && 'npm ci first' }, () => {
  execFileSync(process.execPath, [compiler, '--project', `${here}tsconfig.supabase.json`], { stdio: 'pipe', encoding: 'utf8' });
});

test('the implementation is type-safe and matches the declared types', { skip: !existsSync(compiler) && 'npm ci first' }, () => {
  execFileSync(process.execPath, [compiler, '--project', `${here}tsconfig.module.json`], { stdio: 'pipe', encoding: 'utf8' });
});

for (const version of ['', '-18']) {
  const skip = !existsSync(compiler) && 'npm ci first';
  test(`the types name the element in the JSX of React ${version.slice(1) || '19'}`, { skip }, () => {
    execFileSync(process.execPath, [compiler, '--project', `${here}tsconfig.jsx${version}.json`], { stdio: 'pipe', encoding: 'utf8' });
  });
}

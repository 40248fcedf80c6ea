import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import * as exported from '../../src/SessionRecovery.AspNetCore/Browser/session-recovery.js';

const here = fileURLToPath(new URL('.', import.meta.url));
const browser = new URL('../../src/SessionRecovery.AspNetCore/Browser/', import.meta.url);
const compiler = `${here}node_modules/typescript/bin/tsc`;

test('what the types declare is what the module exports', () => {
  const types = readFileSync(new URL('session-recovery.d.ts', browser), 'utf8');
  const declared = [...types.matchAll(/^export (?:const|function|class) (\w+)/gm)].map(([, name]) => name);
  assert.deepEqual(declared.sort(), Object.keys(exported).sort());
});

test('the types accept a page as its author would write it, and refuse its mistakes', { skip: !existsSync(compiler) && 'npm ci first' }, () => {
  execFileSync(process.execPath, [compiler, '--project', `${here}tsconfig.json`], { stdio: 'pipe', encoding: 'utf8' });
});

test('the types accept the real clients of Supabase, old and new', { skip: !existsSync(compiler) && 'npm ci first' }, () => {
  execFileSync(process.execPath, [compiler, '--project', `${here}tsconfig.supabase.json`], { stdio: 'pipe', encoding: 'utf8' });
});

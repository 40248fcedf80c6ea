import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path/posix';
import { test } from 'node:test';

const browser = new URL('../../src/SessionRecovery.AspNetCore/Browser/', import.meta.url);
const entry = readFileSync(new URL('session-recovery.js', browser), 'utf8');
const parts = new Map(
  readdirSync(new URL('session-recovery/', browser), { recursive: true })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.js'))
    .map((file) => [file.slice(0, -'.js'.length), readFileSync(new URL(`session-recovery/${file}`, browser), 'utf8')]));
const sources = [['the entry', entry], ...parts];

/** Returns the module parts that a part imports, as code or as types. The entry's own type declarations are not a part. */
function getImports(part) {
  const paths = [...parts.get(part).matchAll(/(?:from|import) ?\(?'(\.[^']+)\.js'/g)]
    .map(([, path]) => normalize(join(dirname(part), path)));
  return [...new Set(paths)].filter((path) => path !== '../session-recovery').sort();
}

/** Reads the arrows in README.md, which list for each part the parts that it may import. An indented line continues the previous line. */
function readArrows() {
  const readme = readFileSync(new URL('README.md', browser), 'utf8').replaceAll(/\n +(?=\w)/g, ' ');
  const described = [...readme.matchAll(/^\| `([\w/-]+)` \|/gm)].map(([, part]) => [part, []]);
  const arrows = [...readme.matchAll(/^([\w/-]+) +→ (.+)$/gm)].map(([, part, imports]) => [part, imports.trim().split(/ +/).sort()]);
  return new Map([...described, ...arrows]);
}

test('each part imports exactly what the README allows', () => {
  const actual = [...parts.keys()].sort().map((part) => [part, getImports(part)]);
  assert.deepEqual(actual, [...readArrows()].sort(([a], [b]) => (a < b ? -1 : 1)));
});

test('no part imports itself, directly or indirectly', () => {
  const finished = new Set();
  const visit = (part, path) => {
    assert.ok(!path.includes(part), [...path, part].join(' → '));
    if (!finished.has(part)) {
      getImports(part).forEach((imported) => visit(imported, [...path, part]));
      finished.add(part);
    }
  };
  [...parts.keys()].forEach((part) => visit(part, []));
});

test('adapters use only tools, and no other part uses adapters', () => {
  const tools = ['async', 'browser-lock', 'emitter', 'environment', 'http', 'retry', 'tokens'];
  for (const part of parts.keys()) {
    const foreign = part.startsWith('adapters/')
      ? getImports(part).filter((name) => !name.startsWith('adapters/') && !tools.includes(name))
      : getImports(part).filter((name) => name.startsWith('adapters/'));
    assert.deepEqual(foreign, [], part);
  }
});

test('the entry imports every part directly', () => {
  const imported = [...entry.matchAll(/'\.\/session-recovery\/([^']+)\.js'/g)].map(([, part]) => part);
  assert.deepEqual(imported.sort(), [...parts.keys()].sort());
});

test('only the environment uses clock, randomness, storage and network', () => {
  const own = [
    'Date.now', 'performance.now', 'globalThis.setTimeout', 'globalThis.clearTimeout', 'globalThis.localStorage', 'globalThis.fetch',
    'getRandomValues',
  ];
  for (const [part, source] of sources.filter(([name]) => name !== 'environment')) {
    own.forEach((name) => assert.ok(!source.includes(name), `${part} uses ${name}`));
  }

  own.forEach((name) => assert.ok(parts.get('environment').includes(name), name));
  sources.forEach(([, source]) => assert.doesNotMatch(source, /Math\.random|randomUUID|(?<![.\w#])setTimeout\(|(?<![.\w#])fetch\(/));
});

test('every file is type-checked and within the size limits', () => {
  for (const [part, source] of sources) {
    const lines = source.split('\n');
    assert.equal(lines[0], '// @ts-check', part);
    assert.ok(lines.length <= 280, `${part} has ${lines.length} lines`);
    assert.ok(lines.every((line) => line.length <= 140), `${part} has a line of more than 140 columns`);
  }
});

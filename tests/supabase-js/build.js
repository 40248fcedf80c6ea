// Bundles the page into a folder: node build.js <folder>
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const folder = process.argv[2];
if (!folder) {
  throw new Error('Usage: node build.js <folder>');
}

mkdirSync(folder, { recursive: true });
copyFileSync(here('index.html'), join(folder, 'index.html'));
await build({
  entryPoints: [here('page.jsx')],
  outfile: join(folder, 'page.js'),
  bundle: true,
  format: 'esm',
  jsx: 'automatic',
  minify: true,
  define: { 'process.env.NODE_ENV': '"production"' },
});

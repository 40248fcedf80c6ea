import { spawn } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const built = ['Debug', 'Release']
  .map((configuration) => fileURLToPath(new URL(`../SupabaseStandIn/bin/${configuration}/net10.0/SupabaseStandIn.dll`, import.meta.url)))
  .filter((path) => existsSync(path))
  .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);

/** The reason why no Supabase project is available, or null if one is available. */
export const missing = process.env.SUPABASE_URL || process.env.SUPABASE_STAND_IN || built.length > 0
  ? null
  : 'There is no stand-in: build tests/SupabaseStandIn, or set SUPABASE_URL, SUPABASE_ANON_KEY and SUPABASE_SERVICE_ROLE_KEY.';

/**
 * Returns the project that the environment variables name. Without these variables, the function starts a test double of Supabase on a free
 * port,
 * which `stop` ends.
 * @returns {Promise<{
 *   url: string,
 *   publishable: string,
 *   secret: string,
 *   control: ((path: string, body?: unknown, method?: string) => Promise<unknown>) | null,
 *   stop: () => Promise<void>,
 * }>}
 */
export async function startSupabase() {
  const { SUPABASE_URL: url, SUPABASE_ANON_KEY: publishable, SUPABASE_SERVICE_ROLE_KEY: secret } = process.env;
  if (url) {
    return { url, publishable, secret, control: null, stop: async () => {} };
  }

  const program = process.env.SUPABASE_STAND_IN ?? built[0];
  const child = spawn('dotnet', [program, '--urls', 'http://127.0.0.1:0', '--reuse-interval', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const address = await new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const ready = /is ready: (\S+)/.exec(line);
      if (ready) {
        resolve(ready[1].replace(/\/$/, ''));
      }
    });
    void ended.then((code) => reject(new Error(`The stand-in ended with ${code} before it was ready.`)));
  });
  const keys = await (await fetch(`${address}/control/keys`)).json();
  const control = async (path, body, method = 'POST') => {
    const init = body === undefined ? { method } : { method, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
    const response = await fetch(`${address}/control${path}`, init);
    if (!response.ok) {
      throw new Error(`${method} /control${path} returned ${response.status}.`);
    }

    return response.status === 204 ? null : response.json();
  };
  return { url: address, publishable: keys.publishable, secret: keys.secret, control, stop: () => void child.kill('SIGTERM') ?? ended };
}

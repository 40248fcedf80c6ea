// @ts-check
// The entry file of the browser module, and the only file that a page imports by its URL. The file README.md in the same folder describes
// the parts of the module, and docs/browser.md describes how to use the module.

// This file imports all parts, so that the browser requests them together as soon as it has read the file.
import './session-recovery/adapter-calls.js';
import './session-recovery/async.js';
import './session-recovery/attempt.js';
import './session-recovery/balance.js';
import './session-recovery/balance-reader.js';
import './session-recovery/browser-lock.js';
import './session-recovery/check.js';
import './session-recovery/check-results.js';
import './session-recovery/emitter.js';
import './session-recovery/environment.js';
import './session-recovery/epochs.js';
import './session-recovery/health.js';
import './session-recovery/health-check.js';
import './session-recovery/history-reader.js';
import './session-recovery/http.js';
import './session-recovery/identity.js';
import './session-recovery/idle-checks.js';
import './session-recovery/media.js';
import './session-recovery/media-attempt.js';
import './session-recovery/media-delays.js';
import './session-recovery/media-element.js';
import './session-recovery/media-links.js';
import './session-recovery/media-playback.js';
import './session-recovery/media-stall.js';
import './session-recovery/recovery.js';
import './session-recovery/registry.js';
import './session-recovery/request.js';
import './session-recovery/request-description.js';
import './session-recovery/request-headers.js';
import './session-recovery/request-retries.js';
import './session-recovery/request-run.js';
import './session-recovery/response-reader.js';
import './session-recovery/retry.js';
import './session-recovery/session-api.js';
import './session-recovery/session-scope.js';
import './session-recovery/session-status.js';
import './session-recovery/settings.js';
import './session-recovery/tokens.js';
import './session-recovery/adapters/bearer-channel.js';
import './session-recovery/adapters/bearer-refresh.js';
import './session-recovery/adapters/bearer-requests.js';
import './session-recovery/adapters/bearer-tokens.js';
import './session-recovery/adapters/supabase-client.js';
import './session-recovery/adapters/supabase-refresh-records.js';
import './session-recovery/adapters/supabase-rejections.js';
import './session-recovery/adapters/supabase-session.js';
import './session-recovery/adapters/supabase-stored-sessions.js';
import './session-recovery/adapters/supabase-wire.js';
import { CreditBalanceElement } from './session-recovery/credit-balance.js';
import { CreditHistoryElement } from './session-recovery/credit-history.js';

export { bearerAdapter } from './session-recovery/adapters/bearer.js';
export { supabaseAdapter } from './session-recovery/adapters/supabase.js';
export { supabaseFetch } from './session-recovery/adapters/supabase-refresh-guard.js';
export { createSession } from './session-recovery/session.js';
export { transitions } from './session-recovery/state-machine.js';
export { CreditBalanceElement, CreditHistoryElement };

if (globalThis.customElements && !customElements.get('credit-balance')) {
  customElements.define('credit-balance', CreditBalanceElement);
}

if (globalThis.customElements && !customElements.get('credit-history')) {
  customElements.define('credit-history', CreditHistoryElement);
}

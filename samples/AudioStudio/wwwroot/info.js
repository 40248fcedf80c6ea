/** Fetches the settings of the server, which require no sign-in. The request is repeated until the server has started. */
export const info = await fetchInfo();

async function fetchInfo() {
  for (;;) {
    try {
      const response = await fetch('/studio/info');
      if (response.ok) {
        return await response.json();
      }
    } catch {
      // The server has not started yet, so the request is repeated.
    }

    await new Promise((done) => { setTimeout(done, 500); });
  }
}

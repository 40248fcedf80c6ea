/** What the server says about itself. Known before anybody signs in; a server that is just starting is asked again. */
export const info = await fetchInfo();

async function fetchInfo() {
  for (;;) {
    try {
      const response = await fetch('/studio/info');
      if (response.ok) {
        return await response.json();
      }
    } catch {
      // Not there yet.
    }

    await new Promise((done) => { setTimeout(done, 500); });
  }
}

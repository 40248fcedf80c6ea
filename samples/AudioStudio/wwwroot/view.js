// This script runs before the first paint, while the modules load. If a user was signed in at the last visit, the script shows the studio
// with the name of the last sound. If no user was signed in, the script stores a click on a button of the welcome page until the modules
// have loaded.
(() => {
  const root = document.documentElement;
  const read = (key) => {
    try {
      return JSON.parse(localStorage.getItem(key));
    } catch {
      return null;
    }
  };

  if (read('studio.open') !== true) {
    root.addEventListener('click', (event) => {
      if (root.dataset.ready !== 'true') {
        root.dataset.wanted = event.target.closest('#open, #show-sign')?.id ?? '';
      }
    });
    return;
  }

  root.dataset.view = 'studio';
  document.addEventListener('DOMContentLoaded', () => {
    const last = read('studio.last');
    if (last !== null && root.dataset.ready !== 'true') {
      document.getElementById('player').dataset.skeleton = 'true';
      document.getElementById('player-title').textContent = last.title;
    }
  });
})();

// Sends the form as JSON with the token from the address's fragment, which never leaves the browser otherwise.
const form = document.querySelector('form');
const outcome = document.querySelector('#outcome');

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const body = { token: location.hash.slice(1), ...Object.fromEntries(new FormData(form)) };
  try {
    const response = await fetch('/api/bootstrap-account', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-Handoff': '1' },
      body: JSON.stringify(body),
    });
    const answer = await response.json();
    if (response.ok) {
      form.hidden = true;
      history.replaceState(null, '', location.pathname);
      outcome.textContent = `Done. Sign in as ${answer.login} at ${location.origin}`;
    } else {
      outcome.textContent = `${answer.title}. ${answer.detail}`;
    }
  } catch {
    outcome.textContent = 'The server did not answer. Try again.';
  }
});

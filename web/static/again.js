// A page that cannot be shown yet asks again by itself, until it can be.

const every = 1000 * Number(document.body.dataset.again);

async function ask() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
  if (answer?.ok) location.reload();
  else setTimeout(ask, every);
}

setTimeout(ask, every);

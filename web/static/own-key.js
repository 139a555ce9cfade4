// The key of this browser to a link: where a link is for one person, whoever showed his key first is
// that person. It has to outlive a browser that is killed, and what a transaction of IndexedDB has
// completed does; cookies and localStorage are written some seconds later.

const STORE = "keys";

function fresh() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Always the same for the same link; another one next time where this browser keeps nothing. */
export function ownKey(link) {
  const made = fresh();
  return new Promise((resolve) => {
    const opening = indexedDB.open("avcontrol", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
    opening.onerror = opening.onblocked = () => resolve(made);
    opening.onsuccess = () => {
      const transaction = opening.result.transaction(STORE, "readwrite", { durability: "strict" });
      const keys = transaction.objectStore(STORE);
      const known = keys.get(link);
      known.onsuccess = () => known.result ?? keys.put(made, link);
      transaction.oncomplete = () => resolve(known.result ?? made);
      transaction.onabort = () => resolve(made);
    };
  }).catch(() => made);
}

// What somebody had set when he last was here by the same link: which camera and microphone, and
// whether they were on. A browser that keeps nothing starts anew each time.

export class Settings {
  constructor(link) {
    this.key = `settings ${link}`;
    this.kept = { microphone: true, camera: true };
    try {
      Object.assign(this.kept, JSON.parse(localStorage.getItem(this.key)));
    } catch {
      // Nothing readable is nothing.
    }
  }

  /** Keeps what is not undefined. */
  keep(changes) {
    for (const [name, value] of Object.entries(changes)) {
      if (value !== undefined) this.kept[name] = value;
    }
    try {
      localStorage.setItem(this.key, JSON.stringify(this.kept));
    } catch {
      // Private windows may refuse.
    }
  }
}

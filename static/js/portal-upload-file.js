/* One file on its way, in pieces, over a line that may break; portal-upload.js holds the list it stands in.
   template#upload-item  one line of the list, and in its data-* every word that is said */

"use strict";

const uploading = (() => {
  const MB = 1024 * 1024;
  const LARGEST = 4 * MB;
  const SMALLEST = MB / 4;
  const PATIENCE = 30_000; // without a byte moving, the line counts as lost
  const LAST_TRY = 10;
  const REMEMBERED = 20 * 3600_000; // the desk gives up what nobody carried on for a day

  class Lost extends Error {}
  class Closed extends Error {}
  class Given extends Error {} // the customer took the file back

  const template = document.getElementById("upload-item");
  if (!template) return null;
  const say = (word, values = {}) =>
    Object.entries(values).reduce((said, [name, value]) => said.replace(`{${name}}`, value), template.dataset[word]);
  const encoded = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));
  const pause = (ms) => new Promise((done) => setTimeout(done, ms));

  /* What was begun is remembered in this browser, so that the same file chosen again goes on where it stopped. */
  const memory = {
    name: (place, file) => `upload:${place}:${file.size}:${file.lastModified}:${file.name}`,
    get(name) {
      try {
        const kept = JSON.parse(localStorage.getItem(name));
        return kept && Date.now() - kept.at < REMEMBERED ? kept.key : null;
      } catch {
        return null;
      }
    },
    put(name, key) {
      try {
        localStorage.setItem(name, JSON.stringify({ key, at: Date.now() }));
      } catch {
        /* a full or forbidden store: it then begins anew after a reload */
      }
    },
    drop(name) {
      try {
        localStorage.removeItem(name);
      } catch {
        /* as above */
      }
    },
    all() {
      try {
        return Object.keys(localStorage).filter((name) => name.startsWith("upload:"));
      } catch {
        return [];
      }
    },
  };

  const newKey = () =>
    btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(24)))).replaceAll("+", "-").replaceAll("/", "_");

  /* The case is not open in this browser any more; what our uploads answer names its version. */
  const isClosed = (request) =>
    request.status === 403 || (request.status === 404 && !request.getResponseHeader("Tus-Resumable"));

  /* One request. Lost where no answer came, or only that of something on the way. */
  function ask(method, url, { headers = {}, body = null, moved = () => {}, item } = {}) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      let watch;
      const alive = () => {
        clearTimeout(watch);
        watch = setTimeout(() => request.abort(), PATIENCE);
      };
      request.open(method, url);
      for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
      request.upload.onprogress = (event) => {
        alive();
        moved(event.loaded);
      };
      request.onloadend = () => {
        clearTimeout(watch);
        item.request = null;
        if (item.given) reject(new Given());
        else if (request.status === 0 || request.status >= 500) reject(new Lost());
        else if (isClosed(request)) reject(new Closed());
        else resolve(request);
      };
      item.request = request;
      alive();
      request.send(body);
    });
  }

  const told = (request) => {
    try {
      return JSON.parse(request.responseText);
    } catch {
      return {};
    }
  };

  class Item {
    constructor(list, file) {
      this.list = list;
      this.file = file;
      this.name = memory.name(list.place, file);
      this.key = memory.get(this.name);
      this.url = this.key ? `${list.url}${this.key}/` : null;
      this.offset = 0;
      this.unsure = Boolean(this.key);
      this.piece = LARGEST;
      this.line = template.content.firstElementChild.cloneNode(true);
      this.bar = this.line.querySelector("progress");
      const kind = ["image", "video"].find((one) => file.type.startsWith(one)) || "file";
      for (const icon of this.line.querySelectorAll("[data-kind]")) if (icon.dataset.kind !== kind) icon.remove();
      this.line.querySelector("[data-name]").textContent = file.name;
      this.bar.setAttribute("aria-label", file.name);
      const remove = this.line.querySelector("[data-remove]");
      remove.setAttribute("aria-label", say("remove", { name: file.name }));
      remove.addEventListener("click", () => list.take(this));
      this.line.querySelector("[data-retry]").addEventListener("click", () => list.retry(this));
      this.become("waiting", say("waiting"));
    }

    get percent() {
      return Math.floor((100 * this.offset) / this.file.size) || 0;
    }

    get isSettled() {
      return this.state === "kept" || this.state === "refused";
    }

    become(state, words) {
      this.state = state;
      this.line.className = `upload-item is-${state}`;
      this.line.querySelector("[data-said]").textContent = words;
      this.line.querySelector("[data-retry]").hidden = state !== "failed";
      this.line.querySelector("[data-remove]").hidden = state === "kept";
      this.bar.hidden = this.isSettled || (state !== "sending" && !this.offset);
      this.move(this.offset);
    }

    move(bytes) {
      this.bar.value = this.file.size ? bytes / this.file.size : 0;
      if (this.state === "sending") {
        this.line.querySelector("[data-said]").textContent = say("sending", {
          percent: Math.floor((100 * bytes) / this.file.size),
        });
      }
      this.list.total(this, bytes);
    }

    headers(more) {
      return { "X-CSRFToken": this.list.token, "Tus-Resumable": "1.0.0", ...more };
    }

    /* How much of it is here already; a file that is not known any more begins anew. */
    async look() {
      const answer = await ask("HEAD", this.url, { headers: this.headers(), item: this });
      if (answer.status === 404) this.forget();
      else this.offset = Number(answer.getResponseHeader("Upload-Offset"));
      this.unsure = false;
    }

    async begin() {
      this.key ||= newKey();
      const type = this.file.type ? `,filetype ${encoded(this.file.type)}` : "";
      const answer = await ask("POST", this.list.url, {
        headers: this.headers({
          "Upload-Key": this.key,
          "Upload-Length": this.file.size,
          "Upload-Metadata": `filename ${encoded(this.file.name)}${type}`,
        }),
        item: this,
      });
      if (answer.status === 413) return this.refuse(told(answer).message);
      if (answer.status === 409) return this.forget();
      if (answer.status >= 400) throw new Lost();
      this.url = `${this.list.url}${this.key}/`;
      this.offset = Number(answer.getResponseHeader("Upload-Offset"));
      memory.put(this.name, this.key);
    }

    async append() {
      const piece = this.file.slice(this.offset, this.offset + this.piece);
      const answer = await ask("PATCH", this.url, {
        headers: this.headers({ "Content-Type": "application/offset+octet-stream", "Upload-Offset": this.offset }),
        body: piece,
        moved: (bytes) => this.move(this.offset + Math.min(bytes, piece.size)),
        item: this,
      });
      if (answer.status === 200) return this.finish(told(answer).refused);
      if (answer.status === 423) return pause(1000 * (Number(answer.getResponseHeader("Retry-After")) || 2));
      if (answer.status === 404) return this.forget();
      if (answer.status >= 400) throw new Lost(); // 409 too: it asks how far we are
      this.offset = Number(answer.getResponseHeader("Upload-Offset"));
      this.piece = Math.min(2 * this.piece, LARGEST);
      this.tries = 0;
    }

    finish(reason) {
      this.offset = this.file.size;
      memory.drop(this.name);
      this.list.finished(this.key);
      if (reason) this.refuse(reason);
      else this.become("kept", say("kept"));
    }

    refuse(reason) {
      memory.drop(this.name);
      this.become("refused", reason || say("failed"));
      this.list.announce(`${this.file.name}: ${reason}`);
    }

    forget() {
      memory.drop(this.name);
      [this.key, this.url, this.offset, this.unsure] = [null, null, 0, false];
      this.tries += 1;
    }

    /* On and on until it is here, refused, given up, or the line has failed too often. */
    async carry() {
      this.tries = 0;
      while (!this.isSettled) {
        try {
          if (this.unsure) await this.look();
          if (!this.url) await this.begin();
          if (this.isSettled || !this.url) continue;
          const resumed = this.state === "lost" && this.offset > 0;
          this.become("sending", say(resumed ? "resumed" : "sending", { percent: this.percent }));
          if (resumed) this.list.announce(say("resumed", { percent: this.percent }));
          await this.append();
        } catch (problem) {
          if (!(problem instanceof Lost)) throw problem;
          if (navigator.onLine) this.tries += 1; // being offline is no fault of anybody's
          if (this.tries > LAST_TRY) return this.become("failed", say("failed"));
          await this.wait();
        }
      }
    }

    async wait() {
      this.unsure = Boolean(this.url);
      this.piece = Math.max(this.piece / 2, SMALLEST);
      const words = say("lost", { percent: this.percent });
      if (this.state !== "lost") this.list.announce(words);
      this.become("lost", words);
      const online = new Promise((done) => addEventListener("online", done, { once: true }));
      await Promise.race([online, this.list.woken(), pause(Math.min(500 * 2 ** this.tries, 20_000))]);
      if (this.given) throw new Given();
    }

    /* Taken off the list: what of it is here already is thrown away there, should the line allow it. */
    give() {
      this.given = true;
      memory.drop(this.name);
      this.request?.abort();
      this.line.remove();
      if (this.url && !this.isSettled) {
        const farewell = { request: null };
        ask("DELETE", this.url, { headers: this.headers(), item: farewell }).catch(() => {});
      }
    }
  }

  return { Closed, Given, Item, memory, say };
})();

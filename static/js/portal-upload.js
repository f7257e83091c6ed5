/* Files in pieces, over a line that may break (portal-upload-file.js, which comes before this one). Without either the
   same form sends them in one go.
   .upload[data-upload]  around a file field: data-url where uploads begin, data-case whose they are
   Pressing the form's own button sends the files first, one after the other; then the form itself goes, naming them. */

"use strict";

(() => {
  if (!uploading) return;
  const { Closed, Given, Item, memory, say } = uploading;

  class List {
    constructor(box) {
      this.box = box;
      this.form = box.closest("form");
      this.url = box.dataset.url;
      this.place = box.dataset.case;
      this.token = this.form.querySelector("[name=csrfmiddlewaretoken]").value;
      this.keys = this.form.querySelector("[name=uploads]");
      this.button = this.form.querySelector("[type=submit]:not([form])"); // not that of a file taken back
      this.lines = box.querySelector("[data-upload-list]");
      this.whole = box.querySelector("[data-upload-whole]");
      this.live = box.querySelector("[data-upload-live]");
      this.items = [];
      this.sleepers = [];
      for (const input of box.querySelectorAll("input[type=file]")) {
        input.addEventListener("change", () => {
          this.add(input.files);
          input.value = "";
        });
      }
      for (const name of ["dragenter", "dragover"]) box.addEventListener(name, (event) => this.hover(event, true));
      for (const name of ["dragleave", "drop"]) box.addEventListener(name, (event) => this.hover(event, false));
      box.addEventListener("drop", (event) => this.add(event.dataTransfer.files));
      this.form.addEventListener("submit", (event) => {
        if (!this.items.some((item) => !item.isSettled)) return;
        event.preventDefault();
        for (const item of this.items) if (item.state === "failed") item.become("waiting", say("waiting"));
        this.run();
      });
      box.classList.add("is-live");
      this.remind();
    }

    hover(event, is) {
      event.preventDefault();
      this.box.classList.toggle("is-over", is);
    }

    add(files) {
      for (const file of files) {
        const name = memory.name(this.place, file);
        if (this.items.some((item) => item.name === name)) continue;
        const item = new Item(this, file);
        this.items.push(item);
        this.lines.append(item.line);
        if (item.unsure) {
          item
            .look()
            .then(() => !this.running && item.become("waiting", item.offset ? say("partly", { percent: item.percent }) : say("waiting")))
            .catch(() => {}); // asked again when it is sent
        }
      }
      this.box.querySelector("[data-upload-remind]").hidden = true;
      this.announce(say("chosen", { count: this.items.filter((item) => !item.isSettled).length }));
      if (this.running) this.run();
    }

    take(item) {
      item.give();
      this.items = this.items.filter((one) => one !== item);
      this.total();
      this.wake();
    }

    retry(item) {
      item.become("waiting", say("waiting"));
      this.run();
    }

    woken() {
      return new Promise((done) => this.sleepers.push(done));
    }

    wake() {
      for (const done of this.sleepers.splice(0)) done();
    }

    async run() {
      if (this.running) return;
      this.busy(true);
      this.announce(say("begun"));
      try {
        let item;
        while ((item = this.items.find((one) => one.state === "waiting"))) await this.send(item);
      } catch (problem) {
        if (!(problem instanceof Closed)) throw problem;
        for (const item of this.items) if (!item.isSettled) item.become("failed", say("closed"));
        this.announce(say("closed"));
      } finally {
        this.busy(false);
      }
      this.settle();
    }

    async send(item) {
      try {
        await item.carry();
      } catch (problem) {
        if (!(problem instanceof Given)) throw problem;
      }
      this.total();
    }

    /* All here: the form goes, and the page says what became of it. What was refused alone is said in its place. */
    settle() {
      if (this.items.some((item) => !item.isSettled)) return;
      const kept = this.items.filter((item) => item.state === "kept").length;
      const written = [...this.form.querySelectorAll("textarea")].some((field) => field.value.trim());
      this.announce(say("done", { kept, count: this.items.length }));
      if (kept || (written && this.items.length)) this.form.submit();
    }

    busy(is) {
      this.running = is;
      this.button.disabled = is;
      this.box.setAttribute("aria-busy", String(is));
      this.box.classList.toggle("is-running", is);
    }

    finished(key) {
      this.keys.value = `${this.keys.value} ${key}`.trim();
    }

    total(moving, bytes = 0) {
      const wanted = this.items.filter((item) => item.state !== "refused");
      const size = wanted.reduce((sum, item) => sum + item.file.size, 0);
      const done = wanted.reduce((sum, item) => sum + (item === moving ? bytes : item.offset), 0);
      this.whole.hidden = wanted.length < 2 || !(this.running || done);
      if (this.whole.hidden) return;
      this.whole.querySelector("progress").value = size ? done / size : 0;
      this.whole.querySelector("[data-said]").textContent = say("whole", {
        done: wanted.filter((item) => item.state === "kept").length,
        count: wanted.length,
        percent: size ? Math.floor((100 * done) / size) : 0,
      });
    }

    announce(words) {
      this.live.textContent = words;
    }

    /* After a reload the files themselves are gone from the page; what was under way is said by name. */
    remind() {
      const start = `upload:${this.place}:`;
      const names = memory
        .all()
        .filter((name) => name.startsWith(start) && memory.get(name))
        .map((name) => name.slice(start.length).split(":").slice(2).join(":"));
      const reminder = this.box.querySelector("[data-upload-remind]");
      reminder.hidden = !names.length;
      reminder.querySelector("[data-said]").textContent = say("remind", { names: names.join(", ") });
    }
  }

  const lists = [...document.querySelectorAll("[data-upload][data-url]")].map((box) => new List(box));

  /* A file dropped beside the field must not take the page away. */
  for (const name of ["dragover", "drop"]) addEventListener(name, (event) => event.preventDefault());
  addEventListener("beforeunload", (event) => {
    if (lists.some((list) => list.running)) event.preventDefault();
  });
  /* Who logs off leaves no names of files behind in this browser. */
  document.querySelector("form[data-leave]")?.addEventListener("submit", () => memory.all().forEach(memory.drop));
  for (const name of memory.all()) if (!memory.get(name)) memory.drop(name);
})();

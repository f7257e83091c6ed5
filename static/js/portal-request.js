/* A new request; every step works without this file.
   [data-part-search]  hides, as one types, the parts that do not fit; ticked ones always stay
   [data-waiting]      looks again while files are on their way, until they are here */

"use strict";

(() => {
  const search = document.querySelector("[data-part-search]");
  if (search) {
    const rows = [...document.querySelectorAll("[data-part]")];
    const found = document.querySelector("[data-part-found]");
    const none = document.querySelector("[data-part-none]");
    const fits = (row, words) =>
      row.querySelector("input").checked || words.every((word) => row.textContent.toLocaleLowerCase().includes(word));
    const look = () => {
      const words = search.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
      for (const row of rows) row.hidden = !fits(row, words);
      const count = rows.filter((row) => !row.hidden).length;
      none.hidden = count > 0;
      found.textContent = found.dataset.words.replace("{count}", count);
    };
    search.addEventListener("input", look);
    search.addEventListener("keydown", (event) => {
      if (event.key === "Enter") event.preventDefault(); // it would press the first button of the form
    });
    document.querySelector("[data-part-look]").hidden = true;
  }

  const EVERY = 3000;
  const lookAgain = async () => {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
    if (!answer?.ok) return true;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const [here, there] = [document, page].map((one) => one.querySelector("[data-waiting-files]"));
    if (here && there) here.replaceChildren(...there.childNodes);
    const waits = Boolean(page.querySelector("[data-waiting]"));
    if (!waits) document.querySelector("[data-waiting]")?.remove();
    return waits;
  };
  const wait = () => setTimeout(async () => (await lookAgain()) && wait(), EVERY);
  if (document.querySelector("[data-waiting]")) wait();
})();

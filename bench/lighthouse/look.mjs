// Looks at pages as Lighthouse's phone does. A plan on stdin: {chromium, address, runs, pages: [{name, path, cookie,
// fill, press}]}; a line of JSON for each look on stdout. `fill` and `press`: what is written and pressed on the page
// at `path`, so that the answer is looked at.
import process from "node:process";
import { text } from "node:stream/consumers";

import { navigation } from "lighthouse";
import puppeteer from "puppeteer-core";

const plan = JSON.parse(await text(process.stdin));
const flags = { disableStorageReset: true, logLevel: "error" };

const browser = await puppeteer.launch({
  executablePath: plan.chromium,
  args: ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"],
});
for (const page of plan.pages) {
  for (let run = 0; run < plan.runs; run += 1) console.log(JSON.stringify(await look(page)));
}
await browser.close();

async function look({ name, path, cookie, fill, press }) {
  const context = await browser.createBrowserContext();
  const tab = await context.newPage();
  const url = plan.address + path;
  if (cookie) await context.setCookie({ name: "sessionid", value: cookie, domain: new URL(url).hostname, path: "/" });
  let there = url;
  if (press) {
    await tab.goto(url);
    for (const [field, written] of Object.entries(fill)) await tab.type(field, written);
    there = () => tab.click(press);
  }
  const { lhr } = await navigation(tab, there, { flags });
  await context.close();
  const scores = Object.fromEntries(Object.values(lhr.categories).map(({ id, score }) => [id, score]));
  const counted = new Map(Object.values(lhr.categories).flatMap(({ id, auditRefs }) =>
    auditRefs.filter(({ weight }) => weight > 0).map((audit) => [audit.id, id])));
  const lost = Object.values(lhr.audits)
    .filter(({ id, score }) => counted.has(id) && score !== null && score < 0.9)
    .map(({ id, title, displayValue, details }) =>
      ({ id, category: counted.get(id), title, displayValue, items: details?.items?.slice(0, 3) }));
  return { name, scores, lost, bytes: lhr.audits["total-byte-weight"]?.numericValue, error: lhr.runtimeError?.message };
}

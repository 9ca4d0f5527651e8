// node page_test.mjs PROGRAM PAGE: the page of `make playground` in headless Chromium, held against the program: the same JSON
// for every named language and 300 random regexes, carets, links, keyboard, phone, dark, and how long answers take.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { availableParallelism, loadavg } from "node:os";
import { pathToFileURL } from "node:url";
import { Browser } from "./browser.mjs";

const [program, page] = process.argv.slice(2);
if (!existsSync(page)) {
  console.log(`SKIPPED: no ${page}; make playground`);
  process.exit(0);
}
if (spawnSync("chromium", ["--version"]).status !== 0) {
  console.log("SKIPPED: chromium is not installed");
  process.exit(0);
}
const address = pathToFileURL(page).href;
const yore = (...words) => execFileSync(program, words, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trimEnd();
const text = (id) => `document.getElementById("${id}").textContent`;
const shown = (id) => `!document.getElementById("${id}").hidden`;
const median = (numbers) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1];
const done = (what) => console.log(`ok: ${what}`);

// What a user does: sets a field and lets the page know.
const type = (browser, id, value) => browser.evaluate(`(() => { const field = document.getElementById(${JSON.stringify(id)});
  field.value = ${JSON.stringify(value)}; field.dispatchEvent(new Event("input", { bubbles: true })); })()`);
const opened = async (browser, fragment = "") => {
  await browser.goto("about:blank");
  await browser.goto(address + fragment);
  await browser.until(`${shown("verdict")} || document.querySelector(".caret:not([hidden])") || ${text("status")} !== ""`);
};
const answer = async (browser, question) => {
  const reply = await browser.evaluate(`yore.ask(${JSON.stringify(question)})`);
  assert.ok(reply.answer, JSON.stringify(reply));
  return reply.answer;
};

// A generator of its own (Numerical Recipes' constants), so that the regexes are the same everywhere.
let seed = 17;
const random = (n) => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) % 65536 % n;
function regex(depth) {
  const pick = depth === 0 ? random(3) : random(9);
  const inner = () => regex(depth - 1);
  if (pick < 2) return "ab"[random(2)];
  if (pick === 2) return [".", "[ab]", "[^a]", "()", "a"][random(5)];
  if (pick < 5) return `${inner()}${inner()}`;
  if (pick === 5) return `(${inner()}|${inner()})`;
  if (pick === 6) return `(${inner()})*`;
  if (pick === 7) return [`(${inner()})+`, `(${inner()})?`, `(${inner()}){0,2}`][random(3)];
  return random(3) ? `(${inner()}${inner()})` : random(2) ? `!(${inner()})` : `(${inner()}&${inner()})`;
}

async function sameJson(browser) {
  const names = JSON.parse(yore("languages", "--json"));
  const times = [];
  const compare = async (kind, given, alphabet, period) => {
    const language = { kind, text: given, ...(alphabet && { alphabet }) };
    const start = performance.now();
    const { json } = await answer(browser, { ask: "classify", language, ...(period && { options: { period } }) });
    times.push(performance.now() - start);
    const words = [`--${kind}`, given, ...(alphabet ? ["--alphabet", alphabet] : []), ...(period ? ["--period", String(period)] : [])];
    assert.equal(json, yore("classify", ...words, "--json"), words.join(" "));
  };
  assert.deepEqual(await answer(browser, { ask: "languages" }), names);
  for (const { name } of names) await compare("name", name);
  for (let i = 0; i < 300; ++i) await compare("regex", regex(4), "ab");
  done(`${names.length} named languages and 300 random regexes: the program's JSON, median ${median(times).toFixed(1)} ms, slowest ${Math.max(...times).toFixed(0)} ms`);
  for (const given of ["(aa)*", "(ab)*", ".*a.*b.*", "(a|bb)*"])
    for (const period of [2, 3, 8, "any"]) await compare("regex", given, "ab", period);
  done("the same with positions");
  for (const [given, mixer, period] of [["(ab)*"], [".*aa.*b"], ["(aa)*", "auto"], ["(ab)*", "gla"], ["(ab)*", "mamba2"], ["(aa|b)*", "kda"],
    ["(aa)*", "attention", 2], ["(aaa)*", "gla", "any"]]) {
    const language = { kind: "regex", text: given };
    assert.equal((await answer(browser, { ask: "compile", language, options: { ...(mixer && { mixer }), ...(period && { period }) } })).json,
      yore("compile", given, ...(mixer ? ["--mixer", mixer] : []), ...(period ? ["--period", String(period)] : []), "--json"));
  }
  done("the program's JSON of compiled models");
}

// What the page shows of positions and mixers, by hand and from an address.
async function mixers(browser) {
  await opened(browser, "#k=regex&t=(aa)*&w=aaaa&p=any&m=auto");
  await browser.until(`${text("answer")}.startsWith("Accepts aaaa")`, 10);
  assert.match(await browser.evaluate(text("compile-facts")), /^1 block, width 1, .*, positions modulo 2, /);
  assert.match(await browser.evaluate(text("periods")), /global 2, local 2, hybrid 2.*modulo 2/);
  assert.ok(await browser.evaluate(`document.getElementById("encoding").parentElement.hidden && ${shown("mixer")}`));
  const cards = await browser.evaluate("Array.from(document.querySelectorAll('#families article'), (one) => one.textContent)");
  const { mixers: families, cheapest } = JSON.parse(yore("classify", "(aa)*", "--period", "any", "--json"));
  assert.equal(cards.length, 5);
  for (const [i, [name, family]] of Object.entries(families).entries()) {
    assert.ok(cards[i].startsWith(name.replaceAll("_", " ")), cards[i]);
    const word = family.member === null ? "unknown" : family.member ? "yes" : "no";
    assert.ok(cards[i].includes(family.mixers.join(", ") || "none of yore's mixers") && cards[i].includes(word), cards[i]);
    assert.ok(cards[i].includes(family.theorem ?? family.reason), cards[i]);
  }
  assert.ok((await browser.evaluate(text("cheapest"))).includes(`cheapest first: ${cheapest[0].mixer}`));
  await type(browser, "period", "1");  // without positions a delta rule alone does it
  await browser.until(`${text("groups")}.includes("${JSON.parse(yore("classify", "(aa)*", "--json")).groups[0].name}")`, 10);
  await browser.until(`${text("compile-facts")}.startsWith("delta_net: 1 block")`, 10);
  assert.ok(await browser.evaluate(`document.getElementById("periods").hidden`));
  assert.match((await browser.evaluate("document.querySelector('#families article').textContent")), /^gated diagonal.*no.*uⁱ z is in the language for i = 0 modulo 2/);

  await opened(browser, "#k=regex&t=a(b|ab)*&w=abab");
  await browser.until(`${text("answer")}.startsWith("Accepts abab")`, 10);
  await type(browser, "period", "3");
  for (const mixer of ["gla", "mamba2", "delta_net", "gated_delta_net", "kda"]) {
    await type(browser, "mixer", mixer);
    await browser.until(`${text("compile-facts")}.startsWith("${mixer}: ")`, 10);
    assert.equal(new URLSearchParams(new URL(await browser.evaluate("location.href")).hash.slice(1)).get("m"), mixer);
    for (const word of ["", "a", "ab", "aa", "aba", "abab", "abba", "bab"]) {
      await type(browser, "word", word);
      const accepted = /^a(b|ab)*$/.test(word) ? "Accepts" : "Rejects";
      await browser.until(`${text("answer")}.startsWith("${accepted} ${word || "the empty word"} (")`, 5);
      assert.equal(await browser.evaluate("document.querySelectorAll('#trace td.wrong').length"), 0);
      assert.ok(await browser.evaluate("document.querySelectorAll('#trace tbody tr').length > 0"));
    }
  }
  const link = await browser.evaluate("location.href");
  await opened(browser, link.slice(link.indexOf("#")));
  await browser.until(`${text("compile-facts")}.startsWith("kda: ")`, 10);
  assert.equal(await browser.evaluate("document.getElementById('period').value"), "3");
  await type(browser, "mixer", "attention");
  await browser.until(`${text("compile-facts")}.startsWith("1 block") || ${text("compile-facts")}.includes("blocks, width")`, 10);
  assert.ok(await browser.evaluate(`!document.getElementById("encoding").parentElement.hidden`));
  await opened(browser, "#k=regex&t=(aa)*&m=gla");  // what a mixer cannot do is said, not hidden
  await browser.until(`${shown("compiled")} && ${text("compile-facts")}.includes("gla")`, 10);
  assert.ok(await browser.evaluate("document.getElementById('asking').hidden"));
  done("positions, families, cheapest mixers, and a compiled model of every mixer");
}

// From a key to the sentence with the verdict, typing a pattern letter by letter; and the page lives while it computes.
async function speed(browser) {
  await opened(browser);
  const times = [];
  const patterns = ["(ab)*", "a.*b|b.*a", "(a|b)*abb(a|b)*", ".*a.*b.*a.*"];
  for (const pattern of patterns) for (let n = 1; n <= pattern.length; ++n)
    times.push(await browser.evaluate(`new Promise((resolve) => {
      const start = performance.now(), before = generation, field = document.getElementById("text");
      field.value = ${JSON.stringify(pattern.slice(0, n))};
      field.dispatchEvent(new Event("input"));
      const look = () => document.getElementById("status").textContent === "" && shown.for === field.value
        || !document.getElementById("text-error").hidden ? resolve(performance.now() - start) : setTimeout(look, 1);
      shown.for = null; document.getElementById("text-error").hidden = true;
      look();
    })`));
  done(`${times.length} keys: verdict after ${median(times).toFixed(1)} ms in the median, ${Math.max(...times).toFixed(0)} ms at most`);
  const busy = Math.max(1, loadavg()[0] / availableParallelism());  // limits are those of a machine that has nothing else to do
  const most = 50 * busy;
  assert.ok(median(times) < most, `typing answers within ${most} ms, found ${median(times)}`);

  await browser.evaluate(`window.gap = 0; window.last = performance.now();
    window.watch = setInterval(() => { const now = performance.now(); gap = Math.max(gap, now - last); last = now; }, 5)`);
  await type(browser, "alphabet", "ab");
  await type(browser, "text", ".*a.{15}");  // takes longer than a key
  await browser.until(`/Computing/.test(${text("status")})`, 5);
  const start = performance.now();
  await type(browser, "text", "(ba)*");
  await browser.until(`${text("headline")}.startsWith("(ba)*")`, 5);
  const after = performance.now() - start, gap = await browser.evaluate("clearInterval(watch), gap");
  done(`a hopeless pattern is given up for a new one, answered after ${after.toFixed(0)} ms; the page stood still for ${gap.toFixed(0)} ms at most`);
  assert.ok(after < 1500 * busy && gap < 400 * busy, `answered after ${after} ms, stood still for ${gap} ms`);
}

async function errors(browser) {
  for (const [fragment, field, caret, message] of [
    ["#k=regex&t=a(b", "text", "a(b\n ^", /not closed/],
    ["#k=regex&t=%C3%A9%F0%9F%98%80(", "text", "é😀(\n   ^", /./],
    ["#k=ltl&t=P+(a+%26", "text", "P (a &\n      ^", /./],
    ["#k=dfa&t=%7B%22alphabet%22%3A+%5B%22a%22%5D%2C+x", "text", "^", /./],
    ["#k=dfa&t=%7B%7D", "text", null, /alphabet|missing/],
    ["#k=regex&t=abc&a=ab", "text", "abc\n  ^", /alphabet/],
    ["#k=regex&t=ab&a=a,,b", "alphabet", "^", /./],
    ["#k=regex&t=(ab)*&w=abx", "word", "abx\n  ^", /./],
  ]) {
    await opened(browser, fragment);
    await browser.until(shown(`${field}-error`), 5);
    const said = await browser.evaluate(text(`${field}-error`));
    if (caret) assert.ok(said.includes(caret), `${fragment}: ${said}`);
    assert.match(said, message, fragment);
    assert.ok(await browser.evaluate(`document.getElementById("${field}").getAttribute("aria-invalid") === "true"`));
  }
  await opened(browser, "#k=name&t=no-such&l=0&e=x&p=77&m=glu&zz=%FF");  // an address that somebody mistyped
  await browser.until(shown("verdict"), 5);
  await type(browser, "lookback", "");
  await browser.until(shown("verdict"), 5);
  await opened(browser, "#k=regex&t=(aa)*&w=aa");
  await browser.until(`${shown("compiled")} && ${text("compile-facts")}.includes("no transformer")`, 5);
  done("errors: carets under every input, and never an empty page");
}

async function sharing(browser) {
  await opened(browser);
  await browser.evaluate(`document.querySelector("input[value=ltl]").click()`);
  await type(browser, "text", "P (b & Y 'up')");
  await type(browser, "alphabet", "up,b,c");
  await type(browser, "word", "up b c");
  const link = await browser.evaluate("location.href");
  await opened(browser, link.slice(link.indexOf("#")));
  await browser.until(`${text("answer")}.startsWith("Accepts up b c")`, 5);
  assert.equal(await browser.evaluate("document.getElementById('text').value"), "P (b & Y 'up')");
  assert.equal(await browser.evaluate("document.querySelectorAll('#trace thead th').length"), 2 + 3 + 1);
  done("a link brings everything back");
}

// Only the keyboard: the witness step by step, and the states in the drawing.
async function keyboard(browser) {
  await opened(browser, "#k=regex&t=(ab)*");
  await browser.until("document.querySelector('#automaton svg') && " + shown("compiled"), 10);
  await browser.evaluate("document.getElementById('text').focus()");
  const visited = [];
  for (let i = 0; i < 25; ++i) {
    visited.push(await browser.evaluate("document.activeElement.id || document.activeElement.tagName"));
    if (visited.at(-1) === "step") break;
    await browser.press("Tab");
  }
  for (const id of ["text", "alphabet", "lookback", "period", "example", "share", "replay-class", "step-back", "step"])
    assert.ok(visited.includes(id), `${id} cannot be reached: ${visited}`);
  const states = JSON.parse(JSON.stringify(await browser.evaluate("shown.replays.global.map((one) => one.states)")));
  for (let at = 1; at < 4; ++at) {
    await browser.press("ArrowRight");
    assert.equal(await browser.evaluate("document.querySelector('#automaton .here').dataset.state"), String(states[0][at]));
    assert.equal(await browser.evaluate("document.querySelector('#automaton .there').dataset.state"), String(states[1][at]));
  }
  assert.equal(await browser.evaluate("document.querySelectorAll('#strings .now').length"), 2);
  done("by keyboard: every control, the witness letter by letter with its states in the drawing");
}

async function screens() {
  for (const options of [{ width: 390, height: 844, mobile: true }, { dark: true }]) {
    const browser = await Browser.open(options);
    try {
      for (const fragment of ["", "#k=name&t=dyck-2&w=", "#k=regex&t=(aa)*&p=any&m=auto&w=aa", "#k=regex&t=a(b"]) {
        await opened(browser, fragment);
        if (fragment !== "#k=regex&t=a(b") await browser.until("document.querySelector('#automaton svg')", 20);
        assert.ok(await browser.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), `${fragment} scrolls sideways`);
      }
      if (options.dark) assert.equal(await browser.evaluate("getComputedStyle(document.body).backgroundColor"), "rgb(20, 23, 27)");
      assert.deepEqual(browser.problems, []);
    } finally {
      await browser.close();
    }
  }
  done("on a phone 390 pixels wide, and dark");
}

const browser = await Browser.open();
try {
  await opened(browser);
  await sameJson(browser);
  await mixers(browser);
  await speed(browser);
  await errors(browser);
  await sharing(browser);
  await keyboard(browser);
  assert.deepEqual(browser.problems, []);
  assert.deepEqual(browser.requests.filter((url) => !/^(file|blob|data|about):/.test(url)), []);
  done("nothing was fetched");
} finally {
  await browser.close();
}
await screens();

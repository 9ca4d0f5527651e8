// The page: what is typed goes to the workers (workers.js), what they answer is shown. State is in the form's fields and in
// the address after #, which follows each other.

const $ = (id) => document.getElementById(id);
const element = (tag, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
};
const kFields = { t: "text", a: "alphabet", l: "lookback", p: "period", w: "word", m: "mixer", e: "encoding", o: "once" };
// What a field has where the address does not say.
const kUsual = { l: "1", p: "1", m: "attention", e: "0/1", o: "sharp" };
const kPeriods = [["1", "off"], ...[2, 3, 4, 5, 6, 7, 8].map((m) => [String(m), String(m)]), ["any", "whatever helps"]];
const kMixers = [["attention", "attention"], ["auto", "auto: what can do it"], ["gla", "gla: gated linear attention"], ["mamba2", "mamba2: Mamba-2"],
  ["delta_net", "delta_net: the delta rule"], ["gated_delta_net", "gated_delta_net"], ["kda", "kda: Kimi delta attention"]];
const kKinds = {
  regex: { label: "Regular expression", help: "<code>r|s</code> <code>r&amp;s</code> <code>!r</code> <code>r*</code> <code>r+</code> <code>r?</code> <code>r{2,3}</code> <code>.</code> <code>[ab]</code> <code>()</code> the empty word; whole words are meant" },
  ltl: { label: "Formula of past LTL, read at the end of the word", help: "<code>P f</code> before, <code>Y f</code> at the previous letter, <code>f S g</code> since, <code>O f</code> once, <code>H f</code> always so far, <code>first</code>, <code>!</code> <code>&amp;</code> <code>|</code> <code>-></code>" },
  dfa: { label: "Automaton, as JSON or AT&T text", help: 'JSON: <code>{"alphabet":["a","b"],"states":2,"start":0,"accept":[0],"transitions":[[1,0],[0,1]]}</code>' },
  name: { label: "Language of the literature", help: "" },
};
const kExamples = [
  ["(ab)*: neither kind alone", { k: "regex", t: "(ab)*", w: "abab" }],
  [".*a.*b.*: global attention alone", { k: "regex", t: ".*a.*b.*", a: "abc", w: "cacb" }],
  [".*a.: local attention alone (lookback 2)", { k: "regex", t: ".*a.", a: "ab", l: "2", w: "bab" }],
  ["(aa)*: beyond every mix", { k: "regex", t: "(aa)*", w: "aaaa" }],
  ["(aa)* with positions modulo 2", { k: "regex", t: "(aa)*", p: "2", w: "aaaa" }],
  ["(aa)* by a delta rule", { k: "regex", t: "(aa)*", m: "auto", w: "aaaa" }],
  ["P (b & Y a): a formula", { k: "ltl", t: "P (b & Y a)", w: "aab" }],
  ["An automaton as JSON", { k: "dfa", t: '{"alphabet":["a","b"],"states":3,"start":0,"accept":[0],"transitions":[[1,2],[2,0],[2,2]]}', w: "abab" }],
  ["dyck-2: brackets nested two deep", { k: "name", t: "dyck-2", w: "" }],
];

let askers, named = [], shown = {}, generation = 0, answered = 0;  // answered: the generation of the verdict on the page
const kind = () => document.forms[0].elements.kind.value;

// ---- the question ----
function language() {
  const about = { kind: kind(), text: kind() === "name" ? $("name").value : $("text").value };
  if ($("alphabet").value) about.alphabet = $("alphabet").value;
  return about;
}
const period = () => $("period").value === "any" ? "any" : Number($("period").value);
const compileOptions = () => ({ period: period(), ...($("mixer").value === "attention"
  ? { encoding: $("encoding").value, once: $("once").value } : { mixer: $("mixer").value }) });
const classifyOptions = () => ({ lookback: Number($("lookback").value) || 1, period: period() });
const ask = (question, topic) => askers.theory.ask(JSON.stringify(question), topic, generation);

// ---- address ----
function writeAddress() {
  const parameters = new URLSearchParams({ k: kind() });
  for (const [key, id] of Object.entries(kFields)) {
    const value = key === "t" ? language().text : $(id).value;
    if (value && value !== kUsual[key]) parameters.set(key, value);
  }
  history.replaceState(null, "", "#" + parameters);
}
function readAddress(parameters = new URLSearchParams(location.hash.slice(1))) {
  const wanted = parameters.get("k");
  const button = document.querySelector(`input[name=kind][value="${Object.hasOwn(kKinds, wanted ?? "") ? wanted : "regex"}"]`);
  button.checked = true;
  for (const [key, id] of Object.entries(kFields)) {
    $(id).value = parameters.get(key) ?? kUsual[key] ?? "";
    if ($(id).tagName === "SELECT" && !$(id).value) $(id).value = kUsual[key];  // an address that somebody mistyped
  }
  if (kind() === "name") $("name").value = parameters.get("t") ?? "";
  if (kind() === "name" && !$("name").value) $("name").selectedIndex = 0;
  showKind();
}
function showKind() {
  const { label, help } = kKinds[kind()];
  $("text-label").textContent = label;
  $("text-label").htmlFor = kind() === "name" ? "name" : "text";
  $("text").hidden = kind() === "name";
  $("name").hidden = kind() !== "name";
  const one = named.find((n) => n.name === $("name").value);
  if (kind() === "name") $("text-help").textContent = one ? `${one.definition} (${one.source})` : "";
  else $("text-help").innerHTML = help;
  for (const field of document.querySelectorAll(".attention")) field.hidden = $("mixer").value !== "attention";
  $("text").rows = kind() === "dfa" ? 6 : Math.min(6, $("text").value.split("\n").length);
}

// ---- errors ----
// A byte offset in UTF-8 as an index into the string.
function indexOf(string, bytes) {
  return new TextDecoder().decode(new TextEncoder().encode(string).slice(0, bytes)).length;
}
function showError(error) {
  clearErrors();
  const from = error.source ?? "";
  const field = from === "alphabet" || from.endsWith(".alphabet") ? "alphabet" : from === "word" ? "word" : "text";
  if (error.kind !== "input" || from.startsWith("options")) {
    $("status").textContent = error.text;
    $("status").classList.add("bad");
    return;
  }
  const place = $(`${field}-error`), given = field === "text" ? language().text : $(field).value;
  place.replaceChildren();
  if (error.position !== null) {
    const at = indexOf(given, error.position), begin = given.lastIndexOf("\n", at - 1) + 1;
    const end = given.indexOf("\n", at) < 0 ? given.length : given.indexOf("\n", at);
    const from = Math.max(begin, at - 30), to = Math.min(end, at + 30);
    place.append(element("span", { className: "at" },
      `${from > begin ? "…" : ""}${given.slice(from, to)}${to < end ? "…" : ""}\n${" ".repeat(Array.from(given.slice(from, at)).length + (from > begin))}^\n`));
  }
  place.append(error.message);
  place.hidden = false;
  $(field).setAttribute("aria-invalid", "true");
}
function clearErrors() {
  for (const id of ["text", "alphabet", "word"]) {
    $(`${id}-error`).hidden = true;
    $(id).removeAttribute("aria-invalid");
  }
  $("status").textContent = "";
  $("status").classList.remove("bad");
}

// ---- answers ----
const kRest = 100;  // ms
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function update() {
  const mine = ++generation, late = () => mine !== generation;
  writeAddress();
  showKind();
  const about = language();
  if (!about.text && about.kind !== "name") {
    clearErrors();
    for (const id of ["verdict", "replay", "drawing", "compiled", "texts"]) $(id).hidden = true;
    $("status").textContent = "Nothing typed yet.";
    return;
  }
  const slow = setTimeout(() => { if (!late()) $("status").textContent = "Computing …"; }, 200);
  const done = () => clearTimeout(slow);
  const read = await ask({ ask: "read", language: about }, "read");
  if (late() || !read) return done();
  if (read.error) {
    done();
    showError(read.error);
    for (const id of ["verdict", "replay", "drawing", "compiled", "texts"]) $(id).hidden = true;
    return;
  }
  const busy = $("status").textContent;
  clearErrors();
  $("status").textContent = busy;
  shown = { read: read.answer };
  const verdict = await ask({ ask: "classify", language: about, options: classifyOptions() }, "classify");
  done();
  if (late() || !verdict) return;
  answered = mine;
  $("status").textContent = "";
  for (const id of ["verdict", "replay", "texts"]) $(id).hidden = Boolean(verdict.error);
  if (verdict.error) showError(verdict.error);
  else showVerdict(verdict.answer);
  await pause(kRest);  // what takes longer than a key waits until the typing rests
  if (late()) return;
  showDrawing(read.answer, mine);
  await compile(mine);
}

// An SVG of Graphviz as an element; its titles, which browsers show as tooltips, become data.
function svgOf(markup, label) {
  const svg = new DOMParser().parseFromString(markup, "image/svg+xml").documentElement;
  for (const node of svg.querySelectorAll("g.node")) node.dataset.state = node.querySelector("title")?.textContent.replace(/^q/, "") ?? "";
  for (const title of svg.querySelectorAll("title")) title.remove();
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", label);
  return svg;
}
const kMostDrawn = 60000;  // characters of DOT: past that Graphviz takes long and nobody can read it
async function draw(place, dot, label, topic, late) {
  if (dot.length > kMostDrawn) return place.replaceChildren("Too large to draw here.");
  const drawn = await askers.drawing.ask(dot, topic);
  if (!drawn || late()) return;
  place.replaceChildren(drawn.error ? drawn.error.text : svgOf(drawn.answer, label));
}
async function showDrawing({ dot, dfa }, mine) {
  $("drawing").hidden = false;
  await draw($("automaton"), dot, `The minimal automaton, ${dfa.states} states`, "automaton", () => mine !== generation);
  if (mine === generation && shown.replays && !$("replay").hidden) showStep();
}

// ---- the compiled model ----
async function compile(mine) {
  const late = () => mine !== generation;
  const about = language(), made = await ask({ ask: "compile", language: about, options: compileOptions() }, "compile");
  if (late() || !made) return;
  $("compiled").hidden = false;
  const failed = Boolean(made.error);
  for (const id of ["asking", "trace", "network-details", "answer"]) $(id).hidden = failed;
  $("explain").parentElement.hidden = failed;
  if (failed) {
    shown.network = null;
    $("compile-facts").textContent = made.error.message ?? made.error.text;
    return;
  }
  const facts = JSON.parse(made.answer.json);
  const count = (n, thing) => `${n} ${thing}${n === 1 ? "" : "s"}`;
  const layers = facts.mixer === "attention" ? "" : `${facts.mixer}: `;
  const wide = (facts.model.head_width ? ` of width ${facts.model.head_width}` : "") +
    (facts.period > 1 ? `, positions modulo ${facts.period}` : "");
  $("compile-facts").textContent = `${layers}${count(facts.model.layers, "block")}, width ${facts.model.width}, ${count(facts.model.heads, "head")}${wide}, ` +
    `${facts.parameters} parameters: ${made.answer.proof}.` + (made.answer.note ? ` Note: ${made.answer.note}.` : "");
  $("explain").textContent = made.answer.explain;
  shown.network = made.answer.dot;
  drawNetwork(mine);
  await traceWord(mine);
}
function drawNetwork(mine = generation) {
  if (!$("network-details").open || !shown.network) return;
  draw($("network"), shown.network, "The compiled network: coordinates, heads and gates", "network", () => mine !== generation);
}
async function traceWord(mine = generation) {
  const answer = await ask({ ask: "trace", language: language(), options: compileOptions(), word: $("word").value }, "trace");
  if (mine !== generation || !answer) return;
  if (answer.error) {
    showError(answer.error);
    $("answer").textContent = "";
    $("trace").replaceChildren();
    return;
  }
  clearErrors();
  const { word, accepts, logit, trace } = answer.answer;
  $("answer").textContent = `${accepts ? "Accepts" : "Rejects"} ${word || "the empty word"} (logit ${logit > 0 ? "+" : ""}${logit.toFixed(3)}). ` +
    "Each row is a statement that the model keeps, each column a position; ✓ where its own numbers say true.";
  const letters = shown.read.alphabet.every((name) => Array.from(name).length === 1) ? Array.from(word) : word.split(" ").filter(Boolean);
  $("trace").replaceChildren(element("table", {},
    element("thead", {}, element("tr", {}, element("th", {}, "holds"), element("th", {}, "in"),
      ...[...letters, "end"].map((l) => element("th", { scope: "col" }, l)))),
    element("tbody", {}, ...trace.map((row) => element("tr", {}, element("th", { scope: "row", title: row.formula }, element("code", {}, row.formula)),
      element("td", {}, `x${row.coordinate}`),
      ...row.read.map((is, i) => element("td", { className: is !== row.truth[i] ? "wrong" : is ? "true" : "false", title: String(row.numbers[i]) },
        is !== row.truth[i] ? "!" : is ? "✓" : "·")))))));
}

// ---- starting ----
async function start() {
  try {
    askers = await makeAskers();
    window.yore = { ask };  // for tests, and for the curious in the console
    const { answer } = await ask({ ask: "languages" });
    named = answer;
    $("name").replaceChildren(...named.map(({ name }) => element("option", { value: name }, name)));
  } catch (error) {
    $("status").textContent = `This browser cannot run the page: ${error.message ?? error}. It needs WebAssembly with exceptions, as browsers have since 2023.`;
    $("status").classList.add("bad");
    return;
  }
  for (const [id, choices] of [["period", kPeriods], ["mixer", kMixers]])
    $(id).replaceChildren(...choices.map(([value, label]) => element("option", { value }, label)));
  for (const [i, [title]] of kExamples.entries()) $("example").append(element("option", { value: i }, title));
  $("form").addEventListener("submit", (event) => event.preventDefault());
  for (const id of ["text", "alphabet", "lookback", "period", "name"]) $(id).addEventListener("input", update);
  for (const button of document.forms[0].elements.kind) button.addEventListener("change", update);
  $("word").addEventListener("input", () => { writeAddress(); traceWord(); });
  for (const id of ["mixer", "encoding", "once"])
    $(id).addEventListener("input", () => {
      if (answered !== generation) return update();  // whose verdict is still to come
      writeAddress();
      showKind();
      answered = ++generation;
      compile(generation);
    });
  $("network-details").addEventListener("toggle", () => drawNetwork());
  $("replay-class").addEventListener("input", startReplay);
  $("step").addEventListener("input", showStep);
  for (const [id, by] of [["step-back", -1], ["step-on", 1]])
    $(id).addEventListener("click", () => { $("step").value = Number($("step").value) + by; showStep(); });
  $("example").addEventListener("input", () => {
    if ($("example").value === "") return;
    readAddress(new URLSearchParams(kExamples[$("example").value][1]));
    $("example").value = "";
    update();
  });
  $("share").addEventListener("click", async () => {
    writeAddress();
    try {
      await navigator.clipboard.writeText(location.href);
      $("shared").textContent = "Copied.";
    } catch {
      $("shared").textContent = "The address above is the link.";
    }
  });
  window.addEventListener("hashchange", () => { readAddress(); update(); });
  readAddress();
  if (!location.hash) readAddress(new URLSearchParams(kExamples[0][1]));
  update();
}
start();

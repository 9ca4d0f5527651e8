// The verdict: classes, families of mixers, and the two strings of a witness step by step. Part of the page (page.js), whose
// `shown` holds the last answers.

const spoken = (name) => name.replaceAll("_", "-");
const answerOf = (member) => member === null ? ["unknown", ""] : member ? ["yes", "good"] : ["no", "bad"];
const card = (title, small, member) => {
  const [word, tone] = answerOf(member);
  return element("article", {}, element("h3", {}, title, element("small", {}, small), element("span", { className: `badge ${tone}` }, word)));
};

function showVerdict({ json, replays, text: plain }) {
  const all = JSON.parse(json);
  shown.verdict = all;
  shown.for = language().text;
  shown.replays = replays;
  $("headline").textContent = plain.split("\n")[0];
  $("periods").textContent = all.period ? (all.period.least ? "Least period that suffices: " +
    Object.entries(all.period.least).map(([name, m]) => `${spoken(name)} ${m === null ? "not known" : (all.period.open.includes(name) && m !== "none" ? "at most " : "") + m}`).join(", ") + ". " : "") +
    (all.period.modulo > 1 ? `What follows may ask for a position's remainder modulo ${all.period.modulo}: pos=r/${all.period.modulo}.`
      : `No period ${(all.period.open ?? []).length ? "is known to help" : "helps"}; what follows is without positions.`) : "";
  $("periods").hidden = !all.period;
  $("note").textContent = shown.read.note;
  $("note").hidden = !shown.read.note;
  $("plain").textContent = plain;
  $("json").textContent = json;
  $("classes").className = "classes";
  $("classes").replaceChildren(...Object.entries(all.classes).map(([name, verdict]) => {
    const made = card(spoken(name), verdict.logic ?? "", verdict.member);
    if (verdict.formula) made.append(element("p", {}, element("code", { className: "formula", tabIndex: 0 }, verdict.formula)));
    const witness = verdict.witness;
    if (witness?.kind === "budget") made.append(element("p", {}, `Open: ${witness.reason}`));
    else if (witness) {
      const words = Object.entries(witness.words).map(([k, v]) => `${k} = ${v || "ε"}`).join(", ");
      made.append(element("p", {}, "For every n the strings ", element("code", {}, witness.recipe.a), " and ",
        element("code", {}, witness.recipe.b), ` differ, yet no formula of depth n tells them apart; ${words}.`));
    }
    return made;
  }));
  showMixers(all);
  const classes = Object.keys(replays);
  $("replay").hidden = classes.length === 0;
  const before = $("replay-class").value;
  $("replay-class").replaceChildren(...classes.map((c) => element("option", { value: c }, spoken(c))));
  if (classes.includes(before)) $("replay-class").value = before;
  startReplay();
}

// The families of mixers beside attention, each by its theorem, and what suffices.
function showMixers({ mixers, cheapest, groups }) {
  $("groups").textContent = groups === null ? "The groups of the syntactic semigroup are not known." : groups.length === 0
    ? "The syntactic semigroup holds no group: nothing is counted." : "Groups in the syntactic semigroup: " +
      groups.map(({ name, word, solvable }) => `${name}${solvable ? "" : ", not solvable"} (as in ${word || "ε"})`).join("; ") + ".";
  $("families").replaceChildren(...Object.entries(mixers).map(([name, family]) => {
    const made = card(name.replaceAll("_", " "), family.mixers.join(", ") || "none of yore's mixers", family.member);
    if (family.theorem) made.append(element("p", {}, `${family.theorem} (${family.source}).`));
    if (family.reason) made.append(element("p", {}, `Open: ${family.reason}`));
    if (family.witness) {
      const { words, accepted, period } = family.witness;
      made.append(element("p", {}, Object.entries(words).map(([k, v]) => `${k} = ${v || "ε"}`).join(", ") + ": ", element("code", {}, "s uⁱ z"),
        ` is in the language for i = ${accepted.join(", ")} modulo ${period} alone.`));
    }
    return made;
  }));
  const shownChoice = ({ mixer, options }) => [mixer, ...Object.entries(options).map(([k, v]) => `${k}=${v}`)].join(" ");
  $("cheapest").replaceChildren("Sufficient, cheapest first: ", ...(cheapest.length === 0 ? ["none of yore's mixers is known to be"] :
    cheapest.flatMap((one, i) => [i ? "; " : "", element("code", {}, shownChoice(one))])), ".");
}

function startReplay() {
  const pair = shown.replays[$("replay-class").value];
  if (!pair) return;
  $("step").max = Math.max(...pair.map((one) => one.word.length));
  $("step").value = 0;
  showStep();
}
function showStep() {
  const pair = shown.replays[$("replay-class").value], at = Number($("step").value);
  const witness = shown.verdict.classes[$("replay-class").value].witness;
  const q = pair.map((one) => one.states[Math.min(at, one.word.length)]);
  $("replay-help").textContent = `Both strings pass every test of this logic up to depth ${witness.depth} alike, and only one is in the language. ` +
    "The automaton below follows: yellow for the first string, a blue edge for the second. The arrow keys move the slider.";
  $("strings").replaceChildren(...pair.map((one, i) => {
    let read = 0;
    const pieces = one.pieces.map(({ name, word }) => element("span", { className: "piece" }, element("b", {}, name),
      ...(word.length ? word : ["ε"]).map((letter) => {
        const place = word.length ? ++read : 0;
        return element("span", { className: place && place === at ? "now" : place && place < at ? "read" : "" }, letter);
      })));
    const end = at >= one.word.length;
    return element("div", { className: "string" },
      `${i ? "Second" : "First"}: ${Math.min(at, one.word.length)} of ${one.word.length} letters read, state ${q[i]}` +
      (end ? (one.accepted ? ", in the language" : ", not in the language") : ""), element("div", { className: "letters" }, ...pieces));
  }));
  markStates(q);
}
function markStates([first, second]) {
  for (const node of document.querySelectorAll("#automaton g.node")) {
    const state = node.dataset.state;
    node.classList.toggle("here", state === String(first));
    node.classList.toggle("there", state === String(second));
  }
}

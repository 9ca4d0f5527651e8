// Two workers that answer one question at a time: the theory half (yore.cc) and Graphviz. A question that takes longer than
// somebody wants to wait is ended with its worker; the next one starts from compiled code, which takes milliseconds.

const text = (id) => document.getElementById(id).textContent;

// base64 of gzip to bytes.
async function unpacked(packed) {
  const bytes = Uint8Array.from(atob(packed), (c) => c.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
}

// What runs inside: each takes the question that it is sent and sends back the answer.
const kTheoryWorker = `
let yore;
onmessage = async ({ data }) => {
  if (data.module) {
    yore = await makeYore({
      instantiateWasm: (imports, done) => {
        WebAssembly.instantiate(data.module, imports).then((instance) => done(instance, data.module));
        return {};
      },
    });
    return;
  }
  while (!yore) await new Promise((resolve) => setTimeout(resolve, 1));
  const length = yore.lengthBytesUTF8(data.question) + 1, at = yore._malloc(length);
  yore.stringToUTF8(data.question, at, length);
  try {
    postMessage(yore.UTF8ToString(yore._yore_ask(at)));
  } finally {
    yore._free(at);
  }
};`;
const kDrawingWorker = `
const graphviz = Graphviz.load();
onmessage = async ({ data }) => {
  try {
    postMessage(JSON.stringify({ answer: (await graphviz).dot(data.question, "svg") }));
  } catch (error) {
    postMessage(JSON.stringify({ error: { kind: "internal", text: String(error && error.message || error) } }));
  }
};`;

// Asks one question after the other. Of questions that wait under the same `topic` only the newest is asked: the others
// resolve to null, as does one that runs for longer than `patience` ms while a newer one of its topic waits, or one of a
// later generation: the page has moved on.
class Asker {
  constructor(start, limit, patience) {
    Object.assign(this, { start, limit, patience, waiting: [], running: null, worker: null });
  }
  ask(question, topic, generation = 0) {
    return new Promise((resolve) => {
      for (const old of topic ? this.waiting.filter((w) => w.topic === topic) : []) old.resolve(null);
      this.waiting = this.waiting.filter((w) => !topic || w.topic !== topic);
      this.waiting.push({ question, topic, generation, resolve });
      this.next();
    });
  }
  next() {
    if (this.running) {
      const { topic, generation, since } = this.running;
      if (!topic || !this.waiting.some((w) => w.topic === topic || w.generation > generation)) return;
      clearTimeout(this.hurry);
      this.hurry = setTimeout(() => this.stop(null), Math.max(0, since + this.patience - performance.now()));
      return;
    }
    const one = this.waiting.shift();
    if (!one) return;
    this.worker ||= this.begin();
    this.running = { ...one, since: performance.now() };
    const seconds = this.limit / 1000;
    this.timer = setTimeout(() => this.stop({ error: { kind: "budget",
      text: `This took longer than ${seconds} s here. The program on a computer has no such limit.` } }), this.limit);
    this.worker.postMessage({ question: one.question });
  }
  begin() {
    const worker = this.start();
    worker.onmessage = ({ data }) => this.finish(JSON.parse(data));
    worker.onerror = (event) => {
      event.preventDefault();
      this.stop({ error: { kind: "internal", text: `This went past what a page may use (${event.message || "no reason given"}).` } });
    };
    return worker;
  }
  stop(answer) {
    this.worker?.terminate();
    this.worker = null;
    if (this.running) this.finish(answer);
  }
  finish(answer) {
    clearTimeout(this.timer);
    clearTimeout(this.hurry);
    const { resolve } = this.running;
    this.running = null;
    resolve(answer);
    this.next();
  }
}

const workerOf = (...parts) => new Worker(URL.createObjectURL(new Blob(parts, { type: "text/javascript" })));

async function makeAskers() {
  const module = await WebAssembly.compile(await unpacked(text("theory-wasm")));
  const theoryCode = text("theory-js"), drawingCode = text("drawing-js");
  const theory = new Asker(() => {
    const worker = workerOf(theoryCode, kTheoryWorker);
    worker.postMessage({ module });
    return worker;
  }, 10000, 250);
  const drawing = new Asker(() => workerOf(drawingCode, kDrawingWorker), 10000, 250);
  return { theory, drawing };
}

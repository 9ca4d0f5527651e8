// node assemble.mjs BUILD GRAPHVIZ VERSION PAGE: puts the page together from the parts beside this file, yore.js and yore.wasm
// in the folder BUILD, and Graphviz as WebAssembly (dist/index.js of npm's @hpcc-js/wasm-graphviz). One file, in which nothing
// is fetched.
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const [build, graphviz, version, page] = process.argv.slice(2);
const here = dirname(fileURLToPath(import.meta.url));
const read = (...path) => readFileSync(join(...path), "utf8");

// A module becomes a plain script, which a worker without a file of its own can run: what it exports is global there.
function asScript(module) {
  const last = /export\s*\{([^}]*)\};?\s*(\/\/# sourceMappingURL=\S*\s*)?$/;
  const found = module.match(last);
  if (!found) throw new Error(`${graphviz}: expected a module that ends with its exports`);
  const names = found[1].split(",").map((one) => one.trim().split(/\s+as\s+/)).map(([inner, outer]) => `${outer ?? inner}: ${inner}`);
  return module.replace(last, `Object.assign(self, { ${names.join(", ")} });`);
}
// A script's text within <script>.
const inside = (script) => script.replace(/<\/script/gi, "<\\/script").replace(/<!--/g, "<\\!--");

const parts = {
  "page.css": read(here, "page.css"),
  "page.js": inside(["workers.js", "verdict.js", "page.js"].map((part) => read(here, part)).join("")),
  "theory.js": inside(read(build, "yore.js")),
  "theory.wasm.gz": gzipSync(readFileSync(join(build, "yore.wasm")), { level: 9 }).toString("base64"),
  "drawing.js": inside(asScript(read(graphviz))),
  version,
};
const html = read(here, "page.html").replace(/@@([\w.]+)@@/g, (mark, name) => {
  if (!(name in parts)) throw new Error(`page.html: nothing to put for ${mark}`);
  return parts[name];
});
writeFileSync(page, html);

const compressed = gzipSync(html, { level: 9 }).length, most = 3 * 1024 * 1024;
console.log(`${page}: ${(html.length / 1e6).toFixed(2)} MB, ${(compressed / 1e6).toFixed(2)} MB compressed`);
if (compressed > most) throw new Error(`${page}: more than ${most} bytes compressed`);

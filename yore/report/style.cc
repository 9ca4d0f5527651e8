#include "yore/report/html.h"

namespace yore::report {

// Text sizes in rem, so that the reader's own setting counts. Contrast of every text colour with its ground
// is at least 4.5 : 1 in both schemes (WCAG AA).
const char* const kStyle = R"css(:root {
  --ground: #ffffff; --raised: #f5f6f8; --ink: #1b1f24; --soft: #56606b; --line: #d9dde2; --accent: #0b5cad;
  --good: #0a6640; --good-ground: #dcf3e6; --mixed: #7a4b00; --mixed-ground: #fbedd0; --bad: #9c2315; --bad-ground: #fbe4e0; --neutral-ground: #e8ebef; --shadow: rgba(20, 28, 36, .38);
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14171b; --raised: #1d2127; --ink: #e6e9ed; --soft: #a3adb8; --line: #363d46; --accent: #7ab8f5;
    --good: #7fdcab; --good-ground: #12392a; --mixed: #f2c56b; --mixed-ground: #43320d; --bad: #ffab9e; --bad-ground: #4a1d17; --neutral-ground: #2b313a; --shadow: rgba(255, 255, 255, .42);
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0 auto; padding: 0 1.25rem 3rem; max-width: 62rem; background: var(--ground); color: var(--ink);
  font: 1rem/1.6 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif;
}
header { padding-top: 2.5rem; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 1rem; overflow-wrap: anywhere; }
h2 { font-size: 1.35rem; line-height: 1.3; margin: 0 0 .75rem; padding-top: 1.5rem; border-top: 1px solid var(--line); }
h3 { font-size: 1.08rem; margin: 1.75rem 0 .5rem; }
p { margin: 0 0 .9rem; max-width: 46rem; }
/* A picture in a size to choose from, without a script. */
.zoom > .picture { max-height: 90vh; overflow: auto; }
.zoom > .picture > svg { width: 100%; height: auto; }
.zoom > .x2:checked ~ .picture > svg { width: 200%; }
.zoom > .x4:checked ~ .picture > svg { width: 400%; }
.zoom > .x8:checked ~ .picture > svg { width: 800%; }
.zoom > label { display: inline-block; padding: .3rem .5rem .3rem .2rem; }
p, li, figcaption { overflow-wrap: break-word; }
section { margin-top: 2.25rem; }
a { color: var(--accent); }
a:focus-visible, summary:focus-visible, [tabindex]:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
code, pre { font-family: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: .9em; }
code { overflow-wrap: anywhere; }
p code, li code, td code, th code, dd code, h1 code, h2 code, figcaption code { background: var(--raised); border-radius: .25rem; padding: .08em .3em; }
h1 code { font-size: .92em; }
pre { --under: var(--raised); border: 1px solid var(--line); border-radius: .5rem; padding: .8rem 1rem; overflow-x: auto; line-height: 1.45; }
pre code { overflow-wrap: normal; }
code.word { word-break: break-all; }
code.word.short { word-break: normal; overflow-wrap: normal; white-space: nowrap; }
.lead { font-size: 1.12rem; background: var(--raised); border-left: .3rem solid var(--accent); border-radius: 0 .5rem .5rem 0; padding: .9rem 1.15rem; max-width: none; }
.notice { background: var(--bad-ground); color: var(--bad); border-radius: .5rem; padding: .7rem 1rem; max-width: none; }
.soft, figcaption, caption { color: var(--soft); }
nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: .3rem 1.1rem; padding: 0; margin: 1.25rem 0 0; font-size: .93rem; }
.badge { display: inline-block; padding: .05rem .55rem; border-radius: 1rem; background: var(--neutral-ground); color: var(--ink); font-size: .85rem; font-weight: 600; white-space: nowrap; }
.badge.good { background: var(--good-ground); color: var(--good); }
.badge.mixed { background: var(--mixed-ground); color: var(--mixed); }
.badge.bad { background: var(--bad-ground); color: var(--bad); }
.scroll { --under: var(--ground); overflow-x: auto; margin: 1rem 0 1.4rem; }
/* A shadow at each edge past which something is hidden: it stands still, and what lies over it moves with the content and
   covers it at that content's own end (2px farther out, since widths are rounded). */
.scroll, pre, .picture {
  background:
    linear-gradient(to right, var(--under) 50%, transparent) left -2px top / 2.6rem 100% no-repeat local,
    linear-gradient(to left, var(--under) 50%, transparent) right -2px top / 2.6rem 100% no-repeat local,
    linear-gradient(to right, var(--shadow), transparent) left / 1.1rem 100% no-repeat scroll,
    linear-gradient(to left, var(--shadow), transparent) right / 1.1rem 100% no-repeat scroll,
    var(--under);
}
table { border-collapse: collapse; font-size: .93rem; min-width: 100%; }
caption { text-align: left; padding: 0 0 .5rem; font-size: .9rem; }
/* Stays in view, and within it, while a wide table scrolls under it. */
caption span { display: block; position: sticky; left: 0; width: min(46rem, calc(100vw - 2.6rem)); }
/* No shadow behind what is read first: it begins below the headings. */
caption, thead th { background: var(--under); }
th, td { text-align: left; vertical-align: top; padding: .45rem .8rem .45rem 0; border-bottom: 1px solid var(--line); }
thead th { border-bottom: 2px solid var(--line); font-size: .85rem; color: var(--soft); vertical-align: bottom; }
tbody th { font-weight: 600; }
th.number, td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
ul { padding-left: 1.3rem; }
.second { display: block; color: var(--soft); font-size: .88em; }
td.number, th.number { padding-right: 1.1rem; }
th.number { white-space: normal; }
th.prose { min-width: 13rem; }
td code, th code { overflow-wrap: normal; white-space: nowrap; }
td code.word:not(.short), th code.word:not(.short) { white-space: normal; }
th code.word:not(.short) { display: inline-block; min-width: 9rem; }
figure { margin: 1rem 0 1.5rem; }
.picture { --under: #ffffff; --shadow: rgba(20, 28, 36, .38); color: #000000; border: 1px solid var(--line); border-radius: .5rem; padding: .75rem; text-align: center; overflow-x: auto; }
.picture.narrow { display: none; }
/* As wide as the window, whatever the text's width. */
.bleed { width: calc(100vw - 2.5rem); margin-left: calc(50% - 50vw + 1.25rem); }
.picture svg { vertical-align: middle; }
.picture svg text { font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif; }
figcaption { font-size: .9rem; margin-top: .5rem; max-width: 46rem; }
dl { margin: 0 0 1rem; display: grid; gap: 0 2.5rem; grid-template-columns: repeat(auto-fill, minmax(min(22rem, 100%), 1fr)); }
dl > div { display: grid; grid-template-columns: 10.5rem 1fr; gap: .75rem; padding: .3rem 0; border-bottom: 1px solid var(--line); }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
details { border: 1px solid var(--line); border-radius: .5rem; padding: .5rem .9rem; margin: 0 0 1rem; }
details[open] { padding-bottom: .9rem; }
summary { cursor: pointer; font-weight: 600; }
details[open] > summary { margin-bottom: .7rem; }
a.download { display: inline-block; margin: 0 .6rem .6rem 0; padding: .35rem .8rem; border: 1px solid var(--line); border-radius: .4rem; background: var(--raised); text-decoration: none; font-weight: 600; font-size: .93rem; }
footer { margin-top: 3rem; padding-top: 1rem; border-top: 1px solid var(--line); color: var(--soft); font-size: .88rem; }
@media (max-width: 38rem) {
  body { padding: 0 1rem 2rem; }
  header { padding-top: 1.5rem; }
  h1 { font-size: 1.5rem; }
  .picture { padding: .4rem; }
  .picture.wide { display: none; }
  .picture.narrow { display: block; }
}
@media print {
  :root { --ground: #ffffff; --raised: #f5f6f8; --ink: #000000; --soft: #444444; --line: #cccccc; --accent: #000000; }
  body { max-width: none; padding: 0; font-size: 10.5pt; }
  nav, a.download { display: none; }
  figure, tr, .lead { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  .scroll { overflow: visible; }
  .scroll, pre, .picture { background: var(--under); }
  .bleed { width: auto; margin-left: 0; }
  .bleed .picture svg { max-width: 100%; }
  caption span { width: auto; }
  .picture.wide { display: block; }
  .picture.narrow { display: none; }
}
)css";

}  // namespace yore::report

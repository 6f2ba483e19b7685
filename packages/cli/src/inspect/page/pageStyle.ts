/** The style of the page: readable in light and dark, on a screen of any width, and on paper. Its colours are those of the pictures. */
export const pageStyle = `
:root { color-scheme: light dark; --ink: #1f2328; --soft: #59636e; --line: #dfe3e8; --ground: #f4f6f8; --card: #ffffff;
  --good: #1a7f4b; --note: #9a6700; --bad: #c62a2f; --accent: #0a7d78; }
@media screen and (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #9198a1; --line: #262c34; --ground: #010409; --card: #0d1117;
  --good: #4cc38a; --note: #e3b341; --bad: #ff8080; --accent: #5eead4; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; }
main { max-width: 68rem; margin: 0 auto; padding: 3rem 1.5rem 4rem; }
.kicker { margin: 0; color: var(--accent); font-size: .85rem; font-weight: 600; letter-spacing: .05em; text-transform: uppercase; }
h1 { margin: .15rem 0 .5rem; font-size: 2.1rem; line-height: 1.2; letter-spacing: -.01em; overflow-wrap: anywhere; }
h2 { margin: 3rem 0 .25rem; font-size: 1.35rem; letter-spacing: -.005em; }
p { margin: .35rem 0 .9rem; max-width: 46rem; }
.lead { color: var(--soft); max-width: 50rem; }
code { font: .9em ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(10.5rem, 1fr)); gap: .9rem; margin: 1.75rem 0 0; }
.card { padding: 1rem 1.15rem; border: 1px solid var(--line); border-radius: .7rem; background: var(--card); }
.tile b { display: block; white-space: nowrap; font-size: 1.6rem; font-weight: 650; line-height: 1.2; letter-spacing: -.01em; font-variant-numeric: tabular-nums; }
.tile b small { font-size: .9rem; font-weight: 500; color: var(--soft); letter-spacing: 0; }
.tile span { display: block; margin-bottom: .2rem; color: var(--soft); font-size: .85rem; }
.tile i { display: block; margin-top: .3rem; color: var(--soft); font-size: .85rem; font-style: normal; line-height: 1.4; }
.findings { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); gap: .9rem; margin: 1rem 0 0; padding: 0; list-style: none; }
.findings li { display: grid; grid-template-columns: 1.9rem 1fr; }
.findings .mark { font-weight: 700; font-size: 1.05rem; }
.findings h3 { margin: 0 0 .2rem; font-size: 1rem; line-height: 1.4; }
.findings p { margin: 0; color: var(--soft); font-size: .92rem; line-height: 1.5; }
.findings .advice { margin-top: .45rem; color: var(--ink); }
.good .mark { color: var(--good); } .note .mark { color: var(--note); } .bad .mark { color: var(--bad); }
.findings .bad { border-color: color-mix(in srgb, var(--bad) 45%, var(--line)); }
.grid { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 27rem), 1fr)); gap: .9rem; margin: 1rem 0 0; align-items: start; }
figure.card { margin: 0; padding: .4rem .2rem; }
figure svg { display: block; width: min(100%, 37rem); margin: 0 auto; }
.beside { display: grid; grid-template-columns: minmax(0, 1.55fr) minmax(0, 1fr); gap: 1.5rem; margin: 1rem 0 0; align-items: center; }
@media (max-width: 52rem) { .tiles { grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .6rem; } .tile b { font-size: 1.45rem; }
  .card { padding: .8rem .9rem; } .findings li { grid-template-columns: 1.5rem 1fr; } .beside { grid-template-columns: 1fr; } main { padding: 1.75rem .9rem 3rem; } h1 { font-size: 1.6rem; }
  h2 { margin-top: 2.25rem; } figure.card { padding: .2rem 0; } }
table { width: 100%; border-collapse: collapse; font-size: .95rem; font-variant-numeric: tabular-nums; }
th, td { padding: .38rem .6rem; text-align: right; border-top: 1px solid var(--line); }
th:first-child, td:first-child { text-align: left; white-space: nowrap; }
thead th { border-top: 0; color: var(--soft); font-weight: 500; font-size: .85rem; vertical-align: bottom; }
tbody th { font-weight: 600; } tr.own th, tr.own td { color: var(--accent); font-weight: 650; }
.table { overflow-x: auto; }
dl { display: grid; grid-template-columns: auto 1fr; gap: .35rem 1.25rem; margin: .5rem 0 0; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
footer { margin-top: 3rem; padding-top: 1rem; border-top: 1px solid var(--line); color: var(--soft); font-size: .88rem; }
footer p { max-width: 56rem; }
@media print { :root { --ground: #ffffff; } body { font-size: 11pt; } main { max-width: none; padding: 0; }
  .card, figure, tr { break-inside: avoid; } h2 { break-after: avoid; margin-top: 1.75rem; } }
`;

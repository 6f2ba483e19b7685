/** The style of the HTML report: readable in light and dark, on a screen of any width, and on paper. */
export const reportStyle = `
:root { color-scheme: light dark; --ink: #1c2024; --soft: #60646c; --line: #e3e5e8; --ground: #fbfbfc; --card: #fff;
  --good: #1a7f4b; --bad: #c62a2f; --s0: #e9f7ef; --s1: #ddf3e4; --s2: #e8f4d4; --s3: #fdf3c8; --s4: #fbe0bd; --failed: #fbd5d5; }
@media (prefers-color-scheme: dark) { :root { --ink: #edeef0; --soft: #a0a4ab; --line: #2b2e33; --ground: #111315; --card: #18191b;
  --good: #4cc38a; --bad: #ff8080; --s0: #14251d; --s1: #17301f; --s2: #26311a; --s3: #3a3413; --s4: #452b12; --failed: #4c1c1f; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 70rem; margin: 0 auto; padding: 2.5rem 1.5rem 4rem; }
h1 { margin: 0 0 .5rem; font-size: 2rem; line-height: 1.2; }
h2 { margin: 2.5rem 0 .5rem; font-size: 1.25rem; }
h3 { margin: 1.75rem 0 .5rem; font-size: 1rem; }
.suite { margin: 0 0 .25rem; color: var(--soft); letter-spacing: .04em; }
.good { color: var(--good); } .bad { color: var(--bad); }
.counts b { margin-left: 1rem; font-size: 1.25rem; } .counts b:first-child { margin-left: 0; }
dl { display: flex; flex-wrap: wrap; gap: .5rem 2rem; margin: 1rem 0 0; }
dt { color: var(--soft); font-size: .8rem; } dd { margin: 0; max-width: 40rem; }
.wide { overflow-x: auto; border: 1px solid var(--line); border-radius: .6rem; background: var(--card); }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .4rem .75rem; text-align: left; border-top: 1px solid var(--line); white-space: nowrap; }
thead th { border-top: 0; color: var(--soft); font-weight: 500; font-size: .85rem; }
tbody th { font-weight: 600; }
td span { color: var(--soft); font-size: .8rem; } td small { display: block; color: var(--soft); font-size: .72rem; }
.number { text-align: right; } .path { color: var(--soft); }
.s0 { background: var(--s0); } .s1 { background: var(--s1); } .s2 { background: var(--s2); } .s3 { background: var(--s3); }
.s4 { background: var(--s4); } .failed { background: var(--failed); }
.scale i { padding: .1rem .6rem; font-style: normal; font-size: .8rem; }
.failures li { margin: .5rem 0; padding: .5rem .75rem; border-left: 3px solid var(--bad); background: var(--card); overflow-wrap: anywhere; }
.wide tbody th:first-child { position: sticky; left: 0; background: var(--card); }
.group { border-left: 1px solid var(--line); } .families { white-space: normal; }
@media print { body { background: #fff; } .wide { overflow: visible; } }
`;

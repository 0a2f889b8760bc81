/** The style sheet of pages: light, dark, narrow and print. Colours are variables (Okabe and Ito, Color Universal Design, 2008). */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #fff; --ink: #1c2127; --muted: #5b6570; --faint: #c3c9d0; --line: #e7eaee; --rule: #aeb6bf; --wash: #f5f7f9; --shade: #1c212750;
  --blue: #0072b2; --vermillion: #d55e00; --green: #009e73; --purple: #b8578f; --orange: #d18f00; --sky: #4aa8dc;
  --hit: #0072b2; --miss: #d55e00;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --page: #14181d; --ink: #e6e9ed; --muted: #a0aab4; --faint: #46505b; --line: #272e36; --rule: #5b6570; --wash: #1b2128; --shade: #000000d0;
    --blue: #4795e0; --vermillion: #f0793a; --green: #2cc295; --purple: #e08fbc; --orange: #f0b429; --sky: #8fd3fa;
    --hit: #56b4e9; --miss: #f0793a;
  }
}
* { box-sizing: border-box }
html { -webkit-text-size-adjust: 100% }
body {
  margin: 0 auto; max-width: 1136px; padding: 40px 24px 32px; background: var(--page); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, "Liberation Sans", sans-serif;
}
h1, h2, h3, h4, p, figure, ul, ol, dl, dd, pre { margin: 0; padding: 0 }
ul, ol { list-style: none }
h1 { font-size: 34px; line-height: 1.2; letter-spacing: -.015em; text-wrap: balance; overflow-wrap: anywhere }
h2 { font-size: 22px; line-height: 1.3; letter-spacing: -.01em }
h3 { font-size: 16px }
.summary { margin-top: 12px; max-width: 46em; font-size: 19px; line-height: 1.45; text-wrap: pretty }
section { margin-top: 48px; padding-top: 20px; border-top: 1px solid var(--line) }
.lead { margin-top: 4px; max-width: 50em; color: var(--muted); text-wrap: pretty }
.note { margin-top: 12px; color: var(--muted) }
footer { margin-top: 48px; padding-top: 16px; border-top: 1px solid var(--line); color: var(--muted); font-size: 14px }
.swatch { width: 12px; height: 12px; flex: none; vertical-align: -1px }

/* The shade at the right edge is there as long as there is more: a lid in the colour of the page, which moves with the table, covers it at the end. */
.scroll {
  margin-top: 20px; overflow-x: auto; scrollbar-color: var(--rule) transparent;
  background: linear-gradient(to left, var(--page) 40%, transparent) right / 48px 100% no-repeat local,
    linear-gradient(to left, var(--shade), transparent) right / 20px 100% no-repeat scroll;
}
.more { display: none; margin-top: 4px; font-size: 13px; color: var(--muted); text-align: right }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; line-height: 1.3 }
caption { padding-bottom: 6px; text-align: left; font-weight: 600 }
th, td { padding: 7px 0 7px 44px; text-align: left; vertical-align: baseline; font-weight: 400; white-space: nowrap }
th:first-child, td:first-child { padding-left: 0; position: sticky; left: 0; background: var(--page) }
thead th { padding-bottom: 9px; font-weight: 600; vertical-align: top }
thead .about { max-width: 16em; margin-top: 2px; white-space: normal; text-wrap: balance }
tbody tr { border-top: 1px solid var(--line) }
tbody tr:first-child, tbody + tbody tr:first-child { border-top-color: var(--rule) }
.single { color: var(--muted); font-size: 14px } .single th { padding-left: 18px } .single + .single { border-top: 0 }
.single th, .single td { padding-top: 4px; padding-bottom: 4px }
tbody strong { font-weight: 700 }
.about { display: block; font-size: 13px; font-weight: 400; color: var(--muted) }
tbody .about { display: inline; margin-left: 10px }
.gain { margin-left: 8px; font-size: 14px; color: var(--muted) }
.deviation { margin-left: 3px; font-size: 13px; font-weight: 400; color: var(--muted) }
.many th, .many td { padding-left: 18px } .many th:first-child, .many td:first-child { padding-left: 0; padding-right: 12px }
.many tbody .about { display: block; max-width: 22em; margin-left: 18px; white-space: normal } .many th:first-child { white-space: normal; min-width: 9em }
.many .single th:first-child { padding-left: 18px }
.run { display: flex; align-items: baseline; gap: 6px }
.many .gain { display: block; margin-left: 0; font-size: 13px }
.facts { color: var(--muted) }
.facts td, .facts th { padding-top: 5px; padding-bottom: 5px }

.key { display: flex; flex-wrap: wrap; gap: 4px 20px; margin-top: 16px; font-size: 15px }
.key li { display: flex; align-items: center; gap: 7px }
.panels { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(300px, 100%), 1fr)); gap: 28px 32px; margin-top: 20px }
.panel { min-width: 0 }
.group { margin-top: 32px; color: var(--muted) }
figcaption { margin-bottom: 6px; font-size: 14px; color: var(--muted); overflow-wrap: anywhere }
figcaption b { margin-right: 4px; font-size: 16px; color: var(--ink) }
.chart { display: block; width: 100%; height: auto; font-variant-numeric: tabular-nums }
.scatter { border: 1px solid var(--line); border-radius: 6px; fill: none }
.scatter path, .swatch .dots, .swatch .squares { stroke-width: 6; stroke-linecap: round; fill: none }
.scatter .others { stroke: var(--faint); stroke-width: 2.6 }
.scatter .squares, .swatch .squares { stroke-width: 5; stroke-linecap: square }
.swatch .dots { stroke-width: 9 } .swatch .squares { stroke-width: 8 }

.definitions { position: absolute; width: 0; height: 0 }
.hit-word { color: var(--hit); font-weight: 600; white-space: nowrap }
.miss-word { color: var(--miss); font-weight: 600; white-space: nowrap }
.query { display: grid; grid-template-columns: 112px 1fr; gap: 8px 32px; margin-top: 24px; padding-top: 24px; border-top: 1px solid var(--line) }
.lead ~ .query:first-of-type { border-top: 0; padding-top: 0 }
.query header svg { display: block; width: 112px; height: 112px; border: 1px solid var(--rule); border-radius: 6px; background: #fff }
.query header h3 { margin-top: 6px; overflow-wrap: anywhere }
.answers { display: grid; gap: 14px; min-width: 0 }
.answer h4 { display: flex; align-items: center; gap: 6px; font-size: 14px; font-weight: 600 }
.answer h4 span { font-weight: 400; color: var(--muted) }
.answer ol { display: grid; grid-template-columns: repeat(var(--count), minmax(0, 100px)); gap: 8px 12px; margin-top: 6px }
.answer li { min-width: 0; font-size: 13px; line-height: 1.25; text-align: center; overflow-wrap: anywhere; hyphens: auto }
.answer li svg { display: block; width: 100%; border: 3px solid var(--frame); border-radius: 6px; background: #fff padding-box }
.answer li i { font-style: normal; font-weight: 700; color: var(--frame) }
.answer li span { display: block; margin-top: 3px }
.hit { --frame: var(--hit) } .miss { --frame: var(--miss); color: var(--muted) } .miss svg { border-style: dashed !important }

.settings { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(340px, 100%), 1fr)); gap: 24px 48px; margin-top: 16px }
dl { margin-top: 8px; font-size: 15px }
dl div { display: flex; justify-content: space-between; gap: 24px; padding: 5px 0; border-top: 1px solid var(--line) }
.constants { margin-top: 28px; grid-template-columns: minmax(0, 34em) }
dt { color: var(--muted) } dd { text-align: right; overflow-wrap: anywhere; font-variant-numeric: tabular-nums }
pre { margin-top: 16px; padding: 14px 16px; border-radius: 6px; background: var(--wash); white-space: pre-wrap; overflow-wrap: anywhere }
code { font: 14px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace }

@media (max-width: 900px) { .more.many { display: block } }
@media (max-width: 720px) {
  body { padding: 24px 16px }
  h1 { font-size: 27px } .summary { font-size: 17px } section { margin-top: 36px }
  th, td, .many th, .many td { padding-left: 14px; font-size: 15px } th:first-child { white-space: normal; overflow-wrap: break-word }
  .many th:first-child { min-width: 7em; max-width: 9em } .many .single th:first-child { padding-left: 18px; font-size: 13px }
  .answer li { font-size: 12px }
  tbody .about, .many tbody .about { display: none } thead .about { display: none }
  .few thead th { white-space: normal; min-width: 5.2em }
  .gain { display: block; margin-left: 0; font-size: 13px }
  .query { grid-template-columns: 1fr }
  .query header { display: flex; align-items: center; gap: 14px } .query header svg { width: 72px; height: 72px }
  .answer ol { grid-template-columns: repeat(4, minmax(0, 1fr)) }
}
@media print {
  @page { margin: 14mm }
  body { max-width: none; padding: 0; font-size: 11pt }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact }
  section { margin-top: 28px }
  h2, .lead, .key, .definitions { break-after: avoid }
  .lead, .key, .panel, .query, tr, dl div { break-inside: avoid }
  .panels { grid-template-columns: repeat(3, 1fr); gap: 16px 20px }
  .scroll { overflow: visible; background: none } .more { display: none !important }
  .many th, .many td { padding-left: 8px; font-size: 8.5pt } .many tbody .about { display: none } .many .gain, .many .deviation { font-size: 7pt }
  figcaption b { display: block }
  .query { grid-template-columns: 76px 1fr; gap: 8px 16px; margin-top: 14px; padding-top: 14px } .query header svg { width: 76px; height: 76px }
  .query header { display: block } .query header h3 { font-size: 9.5pt; hyphens: auto }
  .answer ol { grid-template-columns: repeat(var(--count), minmax(0, 100px)); gap: 6px } .answer li { font-size: 7.5pt } .answer li svg { border-width: 2px }
}
`

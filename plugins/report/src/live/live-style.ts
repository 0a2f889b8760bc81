/** What the live page has beside {@link STYLE}. */
export const LIVE_STYLE = `
.notice { margin-top: 24px; padding: 10px 14px; border-left: 4px solid var(--orange); background: var(--wash) }
.notice[hidden] { display: none }
.status { margin-top: 28px }
.where { margin-top: 6px; font-variant-numeric: tabular-nums }
progress { display: block; width: 100%; height: 8px; margin-top: 12px; appearance: none; border: 0; border-radius: 4px; overflow: hidden; background: var(--line) }
progress::-webkit-progress-bar { background: var(--line) }
progress::-webkit-progress-value { background: var(--blue); transition: width .4s }
progress::-moz-progress-bar { background: var(--blue) }
.figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(130px, 1fr)); gap: 12px 24px; margin-top: 16px }
.figures div { display: block; padding: 0; border: 0 }
.figures dt { font-size: 13px } .figures dd { text-align: left; font-size: 22px; line-height: 1.25 }
`

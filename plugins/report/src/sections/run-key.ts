import { type Html, html } from '@metric-learning/page'
import { seriesColour, seriesShape } from '../html/palette.js'

/** Marks as vega draws them, in a box of 12 by 12. */
const OUTLINES = {
  circle: 'M6 2.2a3.8 3.8 0 1 1 0 7.6a3.8 3.8 0 1 1 0-7.6Z',
  square: 'M2.5 2.5h7v7h-7Z',
  'triangle-up': 'M6 1.8L10.4 9.6H1.6Z',
  diamond: 'M6 1.2L10 6L6 10.8L2 6Z',
  'triangle-down': 'M6 10.2L1.6 2.4H10.4Z',
  cross: 'M4.5 1.5h3v3h3v3h-3v3h-3v-3h-3v-3h3Z',
} as const

/** The mark of a run, as in the curves. */
export function runMark(series: number): Html {
  const shape = html`<path d="${OUTLINES[seriesShape(series)]}" fill="${seriesColour(series)}"/>`
  return html`<svg class="swatch" viewBox="0 0 12 12" aria-hidden="true">${shape}</svg>`
}

/** A legend of all runs. */
export function runKey(names: readonly string[]): Html {
  return html`<ul class="key">${names.map((name, series) => html`<li>${runMark(series)} ${name}</li>`)}</ul>`
}

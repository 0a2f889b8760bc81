// Draws charts. Plain JavaScript, since the thread of the live page draws, too, and starts from a file that Node runs as it is.
import { parse, View } from 'vega'
import { compile } from 'vega-lite'

/** Colours are CSS variables: one drawing serves light, dark and print. */
const THEME = {
  background: 'transparent',
  font: 'inherit',
  view: { stroke: null },
  axis: {
    labelFontSize: 12,
    titleFontSize: 12,
    titleFontWeight: 'normal',
    labelColor: 'var(--muted)',
    titleColor: 'var(--muted)',
    gridColor: 'var(--line)',
    domainColor: 'var(--rule)',
    tickColor: 'var(--rule)',
    tickSize: 4,
    labelPadding: 4,
    titlePadding: 6,
  },
  axisY: { domain: false, ticks: false, labelPadding: 9, minExtent: 36 },
  axisX: { grid: false, labelFlush: false },
}

/**
 * @param {import('vega-lite').TopLevelSpec} spec
 * @param {string} label what a screen reader says of it, escaped
 * @returns {Promise<string>} SVG that scales to the width it is given
 */
export async function drawChart(spec, label) {
  const compiled = compile(spec, { config: THEME, logger: quiet })
  const view = new View(parse(compiled.spec), { renderer: 'none' })
  const svg = await view.toSVG()
  view.finalize()
  return tidy(svg, label)
}

/**
 * Inline SVG needs no namespaces, no fixed size and no empty or hidden parts; to a screen reader a
 * chart is one picture.
 */
function tidy(svg, label) {
  return svg
    .replace(/<path class="(?:background|foreground)"[^>]*\/>/g, '')
    .replace(/<text [^>]*opacity="0"[^>]*>[^<]*<\/text>/g, '')
    .replace(/<path aria-label="([^"]*)"([^>]*)\/>/g, '<path$2><title>$1</title></path>')
    .replace(/ (?:aria-[\w-]+|role|pointer-events)="[^"]*"/g, '')
    .replace(/<svg [^>]*(viewBox="[^"]+")>/, (_, viewBox) => `<svg class="chart" ${viewBox} role="img" aria-label="${label}">`)
}

const quiet = {
  level: () => quiet,
  error: () => quiet,
  warn: () => quiet,
  info: () => quiet,
  debug: () => quiet,
}

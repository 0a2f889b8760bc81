import { parse, View } from 'vega'
import { compile, type Config, type TopLevelSpec } from 'vega-lite'
import { escapeHtml, Html } from '@metric-learning/page'

/** Colours are CSS variables: one drawing serves light, dark and print. */
const THEME: Config = {
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
 * Draws a chart as SVG that scales to the width it is given. What a mark's `description` says shows
 * when the mouse rests on it.
 */
export async function drawChart(spec: TopLevelSpec, label: string): Promise<Html> {
  const compiled = compile(spec, { config: THEME, logger: quiet })
  const view = new View(parse(compiled.spec), { renderer: 'none' })
  const svg = await view.toSVG()
  view.finalize()
  return new Html(tidy(svg, label))
}

/**
 * Inline SVG needs no namespaces, no fixed size and no empty or hidden parts; to a screen reader a
 * chart is one picture.
 */
function tidy(svg: string, label: string): string {
  return svg
    .replace(/<path class="(?:background|foreground)"[^>]*\/>/g, '')
    .replace(/<text [^>]*opacity="0"[^>]*>[^<]*<\/text>/g, '')
    .replace(/<path aria-label="([^"]*)"([^>]*)\/>/g, '<path$2><title>$1</title></path>')
    .replace(/ (?:aria-[\w-]+|role|pointer-events)="[^"]*"/g, '')
    .replace(
      /<svg [^>]*(viewBox="[^"]+")>/,
      (_, viewBox: string) => `<svg class="chart" ${viewBox} role="img" aria-label="${escapeHtml(label)}">`,
    )
}

const quiet = {
  level: () => quiet,
  error: () => quiet,
  warn: () => quiet,
  info: () => quiet,
  debug: () => quiet,
}

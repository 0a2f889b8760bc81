import type { TopLevelSpec } from 'vega-lite'
import { escapeHtml, Html } from '@metric-learning/page'
import { drawChart as drawMarkup } from '../../workers/draw-chart.mjs'

/** What makes a chart of its description, at once or later. */
export type DrawChart = (spec: TopLevelSpec, label: string) => Html | Promise<Html>

/**
 * Draws a chart as SVG that scales to the width it is given. What a mark's `description` says shows
 * when the mouse rests on it.
 */
export const drawChart: DrawChart = async (spec, label) => new Html(await drawMarkup(spec, escapeHtml(label)))

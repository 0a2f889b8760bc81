import type { TopLevelSpec } from 'vega-lite'

/** Draws a chart as SVG that scales to the width it is given; `label`, escaped, is what a screen reader says of it. */
export declare function drawChart(spec: TopLevelSpec, label: string): Promise<string>

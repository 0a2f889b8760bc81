/**
 * The colours of the report, as CSS variables; the style sheet gives them values for light and dark
 * (Okabe and Ito, Color Universal Design, 2008).
 */
const SERIES = ['blue', 'vermillion', 'green', 'purple', 'orange', 'sky'].map((name) => `var(--${name})`)

/** Colour of the n-th run or class; they repeat after six. */
export const seriesColour = (index: number): string => SERIES[index % SERIES.length]!

/** Shapes that tell series apart without colour, as vega names them. */
const SHAPES = ['circle', 'square', 'triangle-up', 'diamond', 'triangle-down', 'cross'] as const

/** Shape of the n-th run. */
export const seriesShape = (index: number): (typeof SHAPES)[number] => SHAPES[index % SHAPES.length]!

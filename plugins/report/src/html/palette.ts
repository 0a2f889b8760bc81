/**
 * The colours of the report, as CSS variables; the style sheet gives them values for light and dark
 * (Okabe and Ito, Color Universal Design, 2008).
 */
const SERIES = ['blue', 'vermillion', 'green', 'purple', 'orange', 'sky'].map((name) => `var(--${name})`)

/** Shapes that tell series apart without colour, as vega names them. */
const SHAPES = ['circle', 'square', 'triangle-up', 'diamond', 'triangle-down', 'cross'] as const

/** Strokes and gaps of lines whose colours repeat; none: drawn through. */
const DASHES = [[], [6, 3], [2, 2.5], [9, 3, 2, 3], [12, 4], [5, 2, 1, 2, 1, 2]] as const

/** How often all colours have been used before the n-th series. */
const round = (index: number): number => Math.floor(index / SERIES.length)

/** Colour of the n-th series; they repeat after six, with another shape and dash each time. */
export const seriesColour = (index: number): string => SERIES[index % SERIES.length]!

/** Shape of the n-th series. Colour and shape together are those of no other one among 36. */
export const seriesShape = (index: number): (typeof SHAPES)[number] => SHAPES[(index + round(index)) % SHAPES.length]!

/** Dash of the n-th series. Colour and dash together are those of no other one among 36. */
export const seriesDash = (index: number): readonly number[] => DASHES[round(index) % DASHES.length]!

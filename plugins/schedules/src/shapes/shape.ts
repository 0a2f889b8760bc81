/**
 * The course of a number: its value at a position, given the value that it had before the run. Any such function is one.
 *
 * Positions are counted from 0 in steps or in epochs, whichever the schedule goes by: 0 is the first step, or the first
 * epoch. A shape remembers nothing, so that a resumed run is on its course at once.
 *
 * @example const root: Shape = (position, initial) => initial / Math.sqrt(1 + position)
 */
export type Shape = (position: number, initial: number) => number

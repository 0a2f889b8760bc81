import { availableParallelism, cpus, totalmem } from 'node:os'

/** Threads that a process may run at a time; every side of a comparison gets as many. */
export const threads = availableParallelism()

/** The machine that measures: `2 x AMD EPYC, 24 GiB`. */
export function machine(): string {
  return `${threads} x ${cpus()[0]!.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB`
}

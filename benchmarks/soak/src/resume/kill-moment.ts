import type { Random } from '@metric-learning/contracts'

/** Where a process may be when it is killed, with the longest that is waited then, in milliseconds: about as long as it lasts. */
const LONGEST = { start: 600, load: 4, step: 8, evaluation: 40, save: 9, end: 4 } as const

export type MomentKind = keyof typeof LONGEST

/** When a process is killed. */
export interface KillMoment {
  readonly kind: MomentKind
  /** The how manieth time that the process is there, from 1. */
  readonly count: number
  /** How long after that. */
  readonly milliseconds: number
}

/** Saves, loads and steps are likely, the others rare. */
const KINDS: readonly MomentKind[] = ['save', 'save', 'save', 'save', 'load', 'load', 'load', 'step', 'step', 'step', 'evaluation', 'evaluation', 'start', 'end']

/**
 * One to four moments, one for each process of a run: spread over it, so that each is likely to come.
 *
 * @param steps that the uninterrupted run takes
 */
export function drawKillMoments(random: Random, steps: number): readonly KillMoment[] {
  const length = 1 + random.int(4)
  return Array.from({ length }, (_, i) => {
    // A run that has come to its end can't be killed again.
    const kinds = i < length - 1 ? KINDS.filter((kind) => kind !== 'end') : KINDS
    const kind = kinds[random.int(kinds.length)]!
    const most = { start: 1, load: steps, step: steps, evaluation: steps / 11, save: steps / 3, end: length }[kind] / length
    return { kind, count: 1 + random.int(Math.max(1, Math.floor(most))), milliseconds: Math.round(10 * LONGEST[kind] * random.uniform()) / 10 }
  })
}

/** As in `save 3 + 4.2 ms`. */
export const describeMoment = ({ kind, count, milliseconds }: KillMoment): string => `${kind} ${count} + ${milliseconds} ms`

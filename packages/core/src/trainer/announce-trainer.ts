import type { TappableTrainer } from '../plugin.js'

/**
 * The diagnostics channel of Node on which each new Trainer is announced, as `{ trainer }`, while
 * its hooks can still be tapped. Whoever watches runs from outside, such as a profiler that was loaded
 * before the program, subscribes to it; a plugin is the way for everybody else.
 */
export const TRAINER_CHANNEL = 'metric-learning.trainer'

/** What is published on {@link TRAINER_CHANNEL}. */
export interface TrainerAnnouncement {
  readonly trainer: TappableTrainer
}

/** Does nothing where there are no such channels, as in a browser, or nobody listens. */
export function announceTrainer(trainer: TappableTrainer): void {
  const diagnostics = globalThis.process?.getBuiltinModule?.('node:diagnostics_channel')
  const announcement: TrainerAnnouncement = { trainer }
  diagnostics?.channel(TRAINER_CHANNEL).publish(announcement)
}

import { describeValue, StateError, type State } from '@metric-learning/contracts'
import type { RunPosition, RunState } from '../hooks/running-trainer.js'
import type { SavedParts } from './run-parts.js'

/** What the trainer itself remembers: its section of a state. */
export interface TrainerMemory extends RunPosition {
  readonly seed: number
  readonly step: number
  /** What the order of batches follows from besides the seed. */
  readonly sampler: { readonly batchSize: number; readonly batchesPerEpoch: number; readonly sampleCount: number }
  /** Parameters that may not change. */
  readonly frozen: readonly string[]
  /** The epoch after which the run was evaluated last: 0 before training, -1 not at all. */
  readonly evaluated: number
  /** The tester whose tags of a split stand alone. */
  readonly owners: Readonly<Record<string, string>>
  /** A checksum of the labels, in the order of the samples. Absent in states of before it was kept. */
  readonly labels?: number
  /** A checksum of the names of classes, by label. Absent in states of before it was kept. */
  readonly classes?: number
  /** Absent in states of before they were kept. */
  readonly made?: SavedParts
}

/**
 * What the trainer remembers in a state.
 *
 * @throws {StateError} when there is nothing of the kind, or a section is none.
 */
export function trainerMemory(state: RunState): TrainerMemory {
  const fault = isRecord(state) ? Object.entries(state).find(([, section]) => !isSection(section)) : undefined
  if (fault) {
    throw new StateError({
      who: 'Trainer.restore',
      wanted: 'sections with `values` and a Map of `tensors`',
      got: `${isRecord(fault[1]) ? 'others' : describeValue(fault[1])} as ${fault[0]}`,
      fix: 'Pass what `trainer.state()` gave; JSON alone has no tensors: `writeCheckpoint` saves them.',
    })
  }
  const values = ((state as RunState | undefined)?.['trainer']?.values ?? {}) as Partial<Record<keyof TrainerMemory, unknown>>
  const { seed, epoch, batch, step, evaluated, sampler, frozen, owners } = values
  const isWhole = [seed, epoch, batch, step, evaluated].every(Number.isInteger) && [sampler, frozen, owners].every((value) => typeof value === 'object' && value !== null)
  if (isWhole) return values as unknown as TrainerMemory
  throw new StateError({
    who: 'Trainer.restore',
    wanted: 'a state with seed, epoch, batch and step of the `trainer`',
    got: !isRecord(state) ? describeValue(state) : state['trainer'] ? 'something else there' : 'none',
    fix: 'Pass what `trainer.state()` gave.',
  })
}

const isRecord = (value: unknown): value is object => typeof value === 'object' && value !== null

function isSection(section: unknown): boolean {
  if (!isRecord(section)) return false
  const { values = {}, tensors = new Map() } = section as Partial<State>
  return isRecord(values) && isRecord(tensors) && typeof (tensors as Partial<Map<string, unknown>>).get === 'function'
}

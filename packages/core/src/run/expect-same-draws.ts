import { StateError } from '@metric-learning/contracts'
import type { TrainerMemory } from './run-state.js'

/**
 * A run goes on as it began only with the draws that it began with.
 *
 * @throws {StateError} when seed, labels, names of classes or batches are others.
 */
export function expectSameDraws(own: TrainerMemory, saved: TrainerMemory): void {
  if (saved.seed !== own.seed) {
    throw new StateError({
      who: 'Trainer.restore',
      wanted: `a run of seed ${own.seed}`,
      got: `one of seed ${saved.seed}`,
      fix: `Pass \`seed: ${saved.seed}\`, so that what is drawn goes on as it began.`,
    })
  }
  if (saved.labels !== undefined && saved.labels !== own.labels && saved.sampler.sampleCount === own.sampler.sampleCount) {
    throw new StateError({
      who: 'Trainer.restore',
      wanted: 'a run on samples with the same labels',
      got: 'one on others, or in another order',
      fix: 'Make the data set with the options that it had; to train on with other samples, load the modules alone.',
    })
  }
  if (saved.labels === own.labels && saved.classes !== undefined && saved.classes !== own.classes) {
    throw new StateError({
      who: 'Trainer.restore',
      wanted: 'a run on classes of the same names',
      got: 'one whose labels stand for others, or in another order',
      fix: 'Number the classes as they were: a `LabelMapper` of datasets is saved with a run, and says which differ.',
    })
  }
  const show = ({ sampler }: TrainerMemory) => `${sampler.batchesPerEpoch} batches of ${sampler.batchSize} in an epoch, of ${sampler.sampleCount} samples`
  if (show(own) === show(saved)) return
  throw new StateError({
    who: 'Trainer.restore',
    wanted: `a run with ${show(own)}`,
    got: `one with ${show(saved)}`,
    fix: 'Make data set and sampler with the options that they had; to train on with other batches, load the modules alone.',
  })
}

import { cascade } from './cascaded-embeddings.js'
import { generatedNegatives } from './deep-adversarial-metric-learning.js'
import { fromTeacher } from './distillation.js'
import { fromUpright } from './fine-tuning.js'
import { metricLossOnly } from './metric-loss-only.js'
import { turnedDrawings, type Found, type Task } from './task.js'
import { withClassifier } from './train-with-classifier.js'
import { anchorsAndPositives } from './two-streams.js'
import { simCLR, vicReg } from './two-views.js'

const ofTurned = (task: Task) => {
  const { fresh: train, heldOut } = turnedDrawings(task)
  return { train, heldOut }
}

/** Each scheme as a run, by name. */
export const EXAMPLES = {
  metricLossOnly,
  trainWithClassifier: withClassifier,
  cascadedEmbeddings: cascade,
  deepAdversarialMetricLearning: generatedNegatives,
  twoStreams: anchorsAndPositives,
  simCLR,
  vicReg,
  distillation: fromTeacher,
  /** What `fineTuning` is compared with: the same turned drawings, without a trunk that knows upright ones. */
  metricLossOnlyOfTurned: (task) => metricLossOnly({ ...task, ...ofTurned(task), epochs: 3 * task.epochs }),
  fineTuning: fromUpright,
} satisfies Readonly<Record<string, (task: Task) => Promise<Found>>>

export type ExampleName = keyof typeof EXAMPLES

import { cascade } from './cascaded-embeddings.js'
import { fromTeacher } from './distillation.js'
import { metricLossOnly } from './metric-loss-only.js'
import type { Found, Task } from './task.js'
import { withClassifier } from './train-with-classifier.js'
import { anchorsAndPositives } from './two-streams.js'
import { simCLR, vicReg } from './two-views.js'

/** Each scheme as a run, by name. */
export const EXAMPLES = {
  metricLossOnly,
  trainWithClassifier: withClassifier,
  cascadedEmbeddings: cascade,
  twoStreams: anchorsAndPositives,
  simCLR,
  vicReg,
  distillation: fromTeacher,
} satisfies Readonly<Record<string, (task: Task) => Promise<Found>>>

export type ExampleName = keyof typeof EXAMPLES

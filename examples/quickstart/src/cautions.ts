import { rowsByLabel } from '@metric-learning/contracts'
import type { RunRecord } from '@metric-learning/report'
import { MPerClassSampler } from '@metric-learning/samplers'
import { batchesOf } from './batches.js'
import type { ComparisonData } from './data.js'
import type { QuickstartOptions } from './options.js'

/**
 * Of fewer classes than this, little is learned that holds for classes never seen. Drawings, 20 of each class, raised MAP@R on
 * held-out classes from 0.44 to 0.65 where 10 were trained on, from 0.34 to 0.43 where 6 were, and not at all where 4 were (one run of each), in
 * whatever number of steps.
 */
const FEWEST_CLASSES = 8

/** In fewer steps in all, a network that begins at random learns a part of what it could: there most of it came within 100. */
const FEWEST_STEPS = 100

/** With fewer images to judge by, one more that is right shows in the second decimal. */
const FEWEST_JUDGED = 100

/** What should be known before the results of so little data are believed; nothing as a rule. */
export function cautions(data: ComparisonData, options: QuickstartOptions): string[] {
  return [...tooLittleToLearn(data, options), ...tooLittleToJudge(data)]
}

/** What should be known of runs that were trained; nothing as a rule. Testers give no metrics of embeddings that are one point. */
export function cautionsOfRuns(runs: readonly RunRecord[], { learningRate }: QuickstartOptions): string[] {
  const without = ({ evaluations }: RunRecord) => {
    const last = evaluations.filter(({ epoch }) => epoch > 0).at(-1)
    return last !== undefined && Object.values(last.metrics).every((metrics) => Object.keys(metrics).length === 0)
  }
  return runs.filter(without).map(({ name }) =>
    `${name}: all held-out embeddings met in one point, so that there is nothing to judge. Training has diverged: ` +
      `begin a new run with a --learning-rate below ${learningRate}.`,
  )
}

function tooLittleToLearn({ train }: ComparisonData, options: QuickstartOptions): string[] {
  const { epochs, split } = options
  const classes = train.classNames.length
  const images = `${train.labels.length.toLocaleString('en')} images of ${classes} classes`
  const perEpoch = new MPerClassSampler({ labels: train.labels, ...batchesOf(train, options) }).batchesPerEpoch
  const steps = `${epochs * perEpoch} ${epochs * perEpoch === 1 ? 'step' : 'steps'} in all`
  if (split === 'classes' && classes < FEWEST_CLASSES) {
    return [
      `${images}, in ${steps}, are too little for a figure on classes never seen to be trusted, and more epochs do not mend it: ` +
        'add classes, or pass --split samples to be judged on those there are.',
    ]
  }
  if (epochs * perEpoch >= FEWEST_STEPS) return []
  return [`${images}, in ${steps}, are too little for a figure to be trusted: --epochs ${Math.ceil(FEWEST_STEPS / perEpoch)} makes ${FEWEST_STEPS} steps.`]
}

function tooLittleToJudge({ heldOut: { labels, classNames } }: ComparisonData): string[] {
  const judged = labels.length
  const alone = [...rowsByLabel(labels).values()].filter((rows) => rows.length === 1).length
  return [
    ...(judged < FEWEST_JUDGED
      ? [`${judged} images of ${classNames.length} classes are few to judge by: each one changes P@1 by ${(1 / judged).toFixed(3)}.`]
      : []),
    ...(alone > 0 ? [`${alone} of ${judged} held-out images are alone in their class: nothing is like them, and rankings leave them out.`] : []),
  ]
}

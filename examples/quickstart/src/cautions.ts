import { rowsByLabel } from '@metric-learning/contracts'
import type { ComparisonData } from './data.js'
import type { QuickstartOptions } from './options.js'
import { batchesOf } from './batches.js'

/** Fewer steps in all teach a network that begins at random next to nothing. */
const FEWEST_STEPS = 200

/** With fewer images to judge by, one more that is right shows in the second decimal. */
const FEWEST_JUDGED = 100

/** What should be known before the results of so little data are believed; nothing as a rule. */
export function cautions({ train, heldOut }: ComparisonData, options: QuickstartOptions): string[] {
  const { epochs } = options
  const perEpoch = batchesOf(train, options).batchesPerEpoch
  const steps = epochs * perEpoch
  const images = train.labels.length.toLocaleString('en')
  const judged = heldOut.labels.length
  const alone = [...rowsByLabel(heldOut.labels).values()].filter((rows) => rows.length === 1).length
  return [
    ...(steps < FEWEST_STEPS
      ? [
          `${steps} ${steps === 1 ? 'step' : 'steps'} in all (${images} images, ${epochs} ${epochs === 1 ? 'epoch' : 'epochs'}) ${steps === 1 ? 'is' : 'are'} too few to learn from: ` +
            `--epochs ${Math.ceil(FEWEST_STEPS / perEpoch)} makes ${FEWEST_STEPS} of them, and more images help more.`,
        ]
      : []),
    ...(judged < FEWEST_JUDGED
      ? [`${judged} images of ${heldOut.classNames.length} classes are few to judge by: each one changes P@1 by ${(1 / judged).toFixed(3)}.`]
      : []),
    ...(alone > 0 ? [`${alone} of ${judged} held-out images are alone in their class: nothing is like them, and rankings leave them out.`] : []),
  ]
}

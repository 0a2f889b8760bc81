import { pathTo, type Objective, type RunningTrainer } from '@metric-learning/core'
import { isScheduled } from '@metric-learning/ops'
import type { HealthFinding } from './finding.js'
import type { Look } from './look.js'

/** What a look shows that is wrong if it stays. */
export type Suspicion = Pick<HealthFinding, 'condition' | 'subject' | 'message'>

/** Says what is suspicious in a look. */
type LookRule = (look: Look, previous: Look | undefined, trainer: RunningTrainer) => readonly Suspicion[]

/** Embeddings of length 1 that are closer to their mean than this, root mean square, count as one point. */
const LEAST_SPREAD = 0.01

/** A loss within this share of a value sits there. */
const FLAT = 0.01

/** Data may keep a step waiting for this share of its time. */
const MOST_WAIT = 0.3

/** What is suspicious in a look, by all rules. */
export const suspicionsOf: LookRule = (...given) => [collapse, emptySelections, ratesOfZero, dataWait].flatMap((rule) => rule(...given))

/** Embeddings meet in one point, and the loss neither falls nor rises: no gradient leads out of there. */
const collapse: LookRule = ({ values }, previous, { options, scheme }) => {
  const [loss, before] = [values.get('train/loss'), previous?.values.get('train/loss')]
  const objectives = options.objectives ?? scheme.updates?.flatMap((update) => update.objectives) ?? []
  return [...values].flatMap(([tag, spread]) => {
    const output = /^train\/spread\/(.+)$/.exec(tag)?.[1]
    if (output === undefined || spread >= LEAST_SPREAD) return []
    const atMargin = objectives.find(
      (objective) => (objective.of ?? 'embeddings') === output && isNear(values.get(`train/loss/${nameOf(objective)}`), marginOf(objective)),
    )
    if (!atMargin && !isNear(loss, before)) return []
    const where = atMargin ? `the loss of "${nameOf(atMargin)}" sits at its margin` : `the loss stays at ${Number(loss!.toPrecision(3))}`
    const message =
      `The ${output} have met in one point: their spread is ${spread.toPrecision(1)}, and ${where}. Nothing leads out of there: begin anew with a ` +
      'lower learning rate or a warm-up, with semi-hard negatives in place of the hardest, or with a loss over classes for the first epochs; and see that labels go with their samples.'
    return [{ condition: 'collapse', subject: output, message } as const]
  })
}

/** Steps in which a selection was empty are as many as those between two looks. The trainer has said so by then. */
const emptySelections: LookRule = ({ step, values }, previous) =>
  [...values].flatMap(([tag, count]) => {
    const subject = /^train\/emptySelections\/(.+)$/.exec(tag)?.[1]
    if (subject === undefined || !previous || count - (previous.values.get(tag) ?? 0) < step - previous.step) return []
    return [{ condition: 'emptySelection', subject, message: `"${subject}" has found nothing to compare in any step for a while: ${count} of ${step} steps in all.` } as const]
  })

/** Groups whose rate is 0 while some of their parameters may learn; all of them at once are one. */
const ratesOfZero: LookRule = ({ values }, _, trainer) => {
  const groups = [...trainer.optimizers.keys()]
  const idle = groups.filter((group) => values.get(`rate/${group}`) === 0 && mayLearn(group, trainer))
  if (idle.length === 0) return []
  const fix = 'Raise it, see what schedules make of it, or freeze on purpose: `freezing` of schedules, or `trainable = false`.'
  if (idle.length === groups.length) return [{ condition: 'rateOfZero', subject: '', message: `All learning rates are 0: nothing learns. ${fix}` }]
  return idle.map((group) => ({ condition: 'rateOfZero', subject: group, message: `The learning rate of ${group} is 0, and it is not frozen: it does not learn. ${fix}` }))
}

const dataWait: LookRule = ({ values }, _, { options }) => {
  const [wait, speed] = [values.get('train/dataWait'), values.get('train/samplesPerSecond')]
  if (wait === undefined || speed === undefined) return []
  const share = (wait * speed) / 1000 / options.sampler.batchSize
  if (share <= MOST_WAIT) return []
  const message =
    `Steps wait for their data for ${percent(share)} of their time (${wait.toFixed(1)} ms each). Load more ahead (\`prefetch\`), keep decoded images (\`cache\` of imageFolder), ` +
    'store them at the size that is trained on, or augment less; `npm run profile` shows which it is.'
  return [{ condition: 'dataWait', subject: '', message }]
}

const nameOf = ({ name, loss }: Objective): string => name ?? loss.name

/** The value of a term whose pairs or triplets all have the same distances; absent where its loss has no margin. */
function marginOf({ loss, weight = 1 }: Objective): number | undefined {
  const margin = numberOf((loss as { readonly margin?: unknown }).margin)
  const factor = numberOf(weight)
  return margin === undefined || factor === undefined ? undefined : margin * factor
}

const numberOf = (value: unknown): number | undefined => (typeof value === 'number' ? value : isScheduled(value) ? value.value : undefined)

const isNear = (value: number | undefined, other: number | undefined): boolean =>
  value !== undefined && other !== undefined && Math.abs(value - other) <= FLAT * Math.abs(other)

function mayLearn(group: string, { parameters, optimizers }: RunningTrainer): boolean {
  const groups = [...optimizers.keys()]
  return [...parameters].some(([name, { trainable }]) => trainable && pathTo(name, groups) === group)
}

const percent = (share: number): string => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`

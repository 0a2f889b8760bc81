import type { GraphTotal, PartTime, ProfileSummary } from './profile-summary.js'
import type { OperationTotal } from './operation-totals.js'

/** Operations listed in a table; the rest is one line. */
const LISTED = 12

/** A profile as text, for a terminal. */
export function formatProfile(summary: ProfileSummary): string {
  const { epochs, steps, eagerSteps, evaluations, evaluation, stepOperations, evaluationOperations, graphs, untraced } = summary
  const sections = [
    steps > 0 ? trainingTable(summary) : ['No step was taken.'],
    ...(summary.isObserved ? [] : [[`Operations are seen on the native backend only; this is "${summary.backend}".`]]),
    ...graphs.filter(({ runs }) => runs > 0).map(graphLines),
    ...(stepOperations.length > 0 ? [operationTable(`Operations one by one, ${eagerSteps > 0 ? `in ${of(eagerSteps, steps)} steps` : 'while steps were recorded'}`, stepOperations)] : []),
    ...(evaluations > 0 ? [partTable(`Evaluation, ${evaluations === 1 ? 'once' : `${evaluations} times`}, ${seconds(evaluation.total)}`, evaluation)] : []),
    ...(evaluationOperations.length > 0 ? [operationTable('Operations one by one, in evaluations', evaluationOperations)] : []),
    memoryLines(summary),
    ...(untraced > 0 ? [[`The trace was full: ${count(untraced)} spans and readings came after that; what they took is counted here, but not drawn there.`]] : []),
  ]
  const title = `Profile of ${count(steps)} steps in ${plural(epochs, 'epoch')} on ${summary.backend}`
  return [[title], ...sections].map((lines) => `${lines.join('\n')}\n`).join('\n')
}

function trainingTable({ steps, dataWait, step, between }: ProfileSummary): string[] {
  const total = dataWait + step.total + between.total
  const line = (label: string, milliseconds: number) =>
    `${label.padEnd(38)}${(milliseconds / steps).toFixed(2).padStart(9)} ms${percent(milliseconds / total).padStart(9)}`
  const inside = (part: PartTime) => libraryParts(part).map(([label, value]) => line(`  ${label}`, value))
  return [
    'Mean of a step',
    line('waiting for data', dataWait),
    line('step', step.total),
    ...inside(step),
    line('between steps (plugins, logs, reads)', between.total),
    ...inside(between),
    line('in all', total),
  ]
}

function partTable(title: string, part: PartTime): string[] {
  return [
    title,
    ...libraryParts(part).map(
      ([label, value]) => `  ${label.padEnd(36)}${(value / 1000).toFixed(2).padStart(9)} s ${percent(value / part.total).padStart(9)}`,
    ),
  ]
}

/** What there is of them. */
function libraryParts({ library, host }: PartTime): [string, number][] {
  const parts: [string, number][] = [
    ['TensorFlow: compiled graphs', library.graphs],
    ['TensorFlow: operations one by one', library.operations],
    ['TensorFlow: making graphs, weights', library.transfers],
    ['TensorFlow: reading values', library.reads],
    ['host (JavaScript)', host],
  ]
  return parts.filter(([, value]) => value > 0)
}

function graphLines({ graph, operations, runs, total, first }: GraphTotal): string[] {
  const size = operations.reduce((sum, [, times]) => sum + times, 0)
  const later = runs > 1 ? `, ${((total - first) / (runs - 1)).toFixed(2)} ms each after the first (${first.toFixed(0)} ms)` : `, ${first.toFixed(0)} ms`
  const most = operations.slice(0, LISTED).map(([type, times]) => `${type} ${times}`)
  return [`Compiled graph ${graph}: ${count(size)} operations, ${plural(runs, 'run')}${later}`, `  ${most.join(', ')}${operations.length > LISTED ? ', …' : ''}`]
}

function operationTable(title: string, totals: readonly OperationTotal[]): string[] {
  const rest = totals.slice(LISTED)
  const others: OperationTotal = {
    operation: `${rest.length} others`,
    count: rest.reduce((sum, row) => sum + row.count, 0),
    total: rest.reduce((sum, row) => sum + row.total, 0),
    share: rest.reduce((sum, row) => sum + row.share, 0),
  }
  const rows = [...totals.slice(0, LISTED), ...(rest.length > 0 ? [others] : [])]
  const width = Math.max(24, ...rows.map(({ operation }) => operation.length))
  return [
    title,
    `  ${'operation'.padEnd(width)}${'calls'.padStart(10)}${'total, ms'.padStart(12)}${'share'.padStart(9)}${'mean, µs'.padStart(11)}`,
    ...rows.map(
      ({ operation, count: calls, total, share }) =>
        `  ${operation.padEnd(width)}${count(calls).padStart(10)}${total.toFixed(1).padStart(12)}${percent(share).padStart(9)}${((1000 * total) / calls).toFixed(0).padStart(11)}`,
    ),
  ]
}

function memoryLines({ memory: { tensors, tensorBytes, resident, peak } }: ProfileSummary): string[] {
  return [
    `Memory: ${count(tensors[0])} tensors after the first step, ${count(tensors[1])} after the last, ${megabytes(tensorBytes)} at the most;`,
    `        the process holds ${megabytes(resident)}, at its peak ${megabytes(peak)}`,
  ]
}

const count = (value: number) => value.toLocaleString('en')
const plural = (value: number, noun: string) => `${count(value)} ${noun}${value === 1 ? '' : 's'}`
const of = (some: number, all: number) => (some === all ? `all ${count(all)}` : `${count(some)} of ${count(all)}`)
const percent = (share: number) => `${(100 * share).toFixed(1)} %`
const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(2)} s`
const megabytes = (bytes: number) => `${count(Math.round(bytes / 1e6))} MB`

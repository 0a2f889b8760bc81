import { html, type Html } from '@metric-learning/page'
import { formatMetric } from '../comparison/comparison.js'
import { headlineOf, orderMetrics } from '../metrics/metric-description.js'
import type { RunRecord } from '../record/run-record.js'
import { trainingTotals } from '../record/training-totals.js'
import { runMark } from '../sections/run-key.js'

/** Where a run stands within its epoch. */
export interface RunPlace {
  /** Of the epoch under way, done and in all; 0 of 0 before the first. */
  readonly step: number
  readonly steps: number
  /** An evaluation under way: what it is at, and how much of it is done. */
  readonly evaluating?: { readonly task: string; readonly done: number; readonly total: number }
}

/** How far a run is, and its latest figures. */
export function statusSection(run: RunRecord, place: RunPlace, series: number): Html {
  const isUnderWay = run.status === 'running'
  const figures = [...lossFigure(run), ...metricFigures(run), ...speedFigures(run)]
  return html`<section class="status"${isUnderWay && html` data-under-way`}>
<h2><span class="run">${runMark(series)} ${run.name}</span></h2>
${run.description !== undefined && html`<p class="lead">${run.description}</p>`}
<p class="where">${whereItIs(run, place)}</p>
<progress max="1" value="${shareDone(run, place).toFixed(4)}"></progress>
${figures.length > 0 && html`<dl class="figures">${figures.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`}
</section>
`
}

type Figure = readonly [name: string, value: string]

const ENDED = { complete: 'Complete', stopped: 'Stopped', failed: 'Failed' } as const

function whereItIs(run: RunRecord, place: RunPlace): string {
  const { status, stopReason, plannedEpochs } = run
  const { epoch } = run.epochs.at(-1) ?? { epoch: 0 }
  if (status !== 'running') return `${ENDED[status]} after ${run.epochs.filter(({ complete }) => complete).length} of ${plannedEpochs} epochs${stopReason === undefined ? '' : `: ${stopReason}`}`
  if (place.evaluating) {
    const { task, done, total } = place.evaluating
    return `${epoch === 0 ? 'Before the first epoch' : `Epoch ${epoch} of ${plannedEpochs}`}, ${task}${total > 0 ? ` ${number(done)} of ${number(total)}` : ''}`
  }
  if (epoch === 0) return 'Has not begun'
  const seconds = secondsLeft(run, place)
  const left = seconds === undefined ? '' : `, about ${duration(seconds)} left`
  return `Epoch ${epoch} of ${plannedEpochs}, step ${number(place.step)} of ${number(place.steps)}${left}`
}

/** Epochs that are done, and of the one under way the share of its steps. */
function epochsDone({ epochs }: RunRecord, { step, steps }: RunPlace): number {
  const last = epochs.at(-1)
  if (!last) return 0
  return last.complete ? last.epoch : last.epoch - 1 + (steps > 0 ? step / steps : 0)
}

const shareDone = (run: RunRecord, place: RunPlace): number => (run.plannedEpochs > 0 ? epochsDone(run, place) / run.plannedEpochs : 0)

/** Of training, at the pace so far, and of evaluations, as long as the last one each; `undefined` before the first step. */
function secondsLeft(run: RunRecord, place: RunPlace): number | undefined {
  const { steps, trainingSeconds } = trainingTotals(run)
  if (steps === 0) return undefined
  const left = run.plannedEpochs - epochsDone(run, place)
  const last = run.evaluations.at(-1)
  return left * place.steps * (trainingSeconds / steps) + Math.ceil(left) * (last?.seconds ?? 0)
}

function lossFigure({ losses }: RunRecord): Figure[] {
  const last = losses.at(-1)
  return last ? [['Loss', significant(last.loss)]] : []
}

/** Of each split the metric that stands for the others. */
function metricFigures({ evaluations, descriptions = {} }: RunRecord): Figure[] {
  const splits = new Set(evaluations.flatMap(({ metrics }) => Object.keys(metrics)))
  return [...splits].flatMap((split) => {
    const metrics = evaluations.filter(({ metrics: all }) => split in all).at(-1)!.metrics[split]!
    const metric = headlineOf(orderMetrics(Object.keys(metrics), descriptions))
    return metric ? [[splits.size > 1 ? `${metric.label}, ${split}` : metric.label, formatMetric(metrics[metric.key])] as const] : []
  })
}

function speedFigures({ scalars = {} }: RunRecord): Figure[] {
  const last = (tag: string): number | undefined => scalars[tag]?.at(-1)?.value
  const figure = (name: string, value: number | undefined, show: (value: number) => string): Figure[] => (value === undefined ? [] : [[name, show(value)]])
  return [
    ...figure('Samples/s', last('train/samplesPerSecond'), (value) => (value < 10 ? value.toFixed(1) : number(Math.round(value)))),
    ...figure('Data wait', last('train/dataWait'), (value) => `${value < 10 ? value.toFixed(1) : String(Math.round(value))} ms a step`),
    ...figure('Memory', last('memory/rss'), (value) => `${(value / 1e9).toFixed(2)} GB`),
  ]
}

const number = (value: number): string => value.toLocaleString('en-GB')

/** Three digits. */
const significant = (value: number): string => (Number.isFinite(value) ? String(Number(value.toPrecision(3))) : String(value))

function duration(seconds: number): string {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

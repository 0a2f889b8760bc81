import type * as tf from '@tensorflow/tfjs-core'
import type { Dataset, LoadedSamples, Parameters } from '@metric-learning/contracts'
import type { FailedStepContext, RetakenUpdate, RunningTrainer } from '@metric-learning/core'
import { brokenRows, isFinite, watchKernels, type BrokenOperation } from './watch-kernels.js'

/**
 * What broke first, on the way of a batch:
 *
 * - `input`: samples hold NaN or infinity as they were loaded;
 * - `parameter`: parameters did before the step, or numbers whose squares are infinite, since an update overflowed;
 * - `forward`: a layer gave them from finite numbers;
 * - `term`: a loss did, from finite outputs;
 * - `gradient`: the loss is finite, and its slope is not;
 * - `unknown`: taken again, operation by operation, the step was finite.
 */
export type CauseKind = 'input' | 'parameter' | 'forward' | 'term' | 'gradient' | 'unknown'

/** Where a step broke. */
export interface Cause {
  readonly kind: CauseKind
  /** Loss terms that are not finite; of a gradient, those whose gradient is not. */
  readonly terms: readonly string[]
  /** Path of the parameter at which it came up, or after which, in a module. */
  readonly layer?: string | undefined
  /** The first operation that gave it, as tfjs calls it. */
  readonly operation?: string | undefined
  /** Positions in the batch; all of them where it is not known which. */
  readonly samples: readonly number[]
}

/** A sample of the batch. */
export interface SampleFinding {
  /** Position in the batch. */
  readonly index: number
  /** Row of the dataset. */
  readonly row: number
  readonly label: number
  readonly className: string
  /** Whether the cause names it. */
  readonly isNamed: boolean
  /** Euclidean norm of its embedding. */
  readonly norm: number | undefined
  /** Euclidean norm of the gradient of all terms at its embedding. */
  readonly gradientNorm: number | undefined
}

/** A parameter, before the step. */
export interface ParameterFinding {
  readonly name: string
  readonly shape: readonly number[]
  /** How many of its values are not finite. */
  readonly broken: number
  /** The largest of the others, without its sign. */
  readonly largest: number
  /** Absent where there was none: frozen, or not reached. */
  readonly gradient?: { readonly broken: number; readonly norm: number }
}

/** What a failed step comes to when it is taken again. */
export interface Diagnosis {
  readonly epoch: number
  /** The step that failed, from 1. */
  readonly step: number
  readonly cause: Cause
  /** The update in which it came up, of a scheme with several. */
  readonly update: string | undefined
  /** Loss terms by name, weighted. */
  readonly terms: Readonly<Record<string, number>>
  readonly samples: readonly SampleFinding[]
  readonly parameters: readonly ParameterFinding[]
  /** Whether the step changed parameters all the same. */
  readonly hasChanged: boolean
  /** Why it could not be taken again; absent where it could. */
  readonly obstacle?: string
  /** Embeddings on the host; absent where there was no step. */
  readonly embeddings?: HostEmbeddings | undefined
}

/** float32 [n, …], row-major. */
export interface HostEmbeddings {
  readonly shape: readonly number[]
  readonly values: Float32Array
}

/** Squares of larger numbers are infinite in float32. */
const LARGEST = 1.8e19

/** What is read of an update. */
interface UpdateFindings {
  readonly cause: Omit<Cause, 'samples'> & { readonly samples?: readonly number[] | undefined }
  readonly name: string
  readonly terms: Readonly<Record<string, number>>
  readonly gradients: ReadonlyMap<string, { readonly broken: number; readonly norm: number }>
  readonly embeddings: HostEmbeddings | undefined
  readonly slopes: readonly number[] | undefined
}

/**
 * Takes a step again that failed, with the weights and draws that it had, and finds what broke first. Reads much from the device; changes
 * nothing.
 *
 * @param failed absent where the run failed between steps, over its parameters
 */
export function diagnose({ options, scheme, parameters, epoch, step }: RunningTrainer, failed: FailedStepContext | undefined): Diagnosis {
  const rows = failed?.rows ?? new Int32Array(0)
  const values = new Map([...parameters].map(([name, variable]) => [name, sizeOf(variable.dataSync() as Float32Array)]))
  const inputs = failed ? brokenSamples(failed.views) : []
  let found: UpdateFindings | undefined
  let obstacle: string | undefined
  try {
    failed?.retake((update) => {
      found = findingsOf(update, parameters, rows.length)
      return found.cause.kind === 'unknown'
    })
  } catch (error) {
    obstacle = error instanceof Error ? error.message : String(error)
  }
  const cause = { ...(found?.cause ?? { kind: 'unknown' as const, terms: [] }) }
  const spoilt = [...values].filter(([, { broken, largest }]) => broken > 0 || largest >= LARGEST).map(([name]) => name)
  // What came before explains it: a sample, else a parameter.
  if (inputs.length > 0) Object.assign(cause, { kind: 'input', layer: undefined, operation: undefined, samples: inputs })
  else if (spoilt.length > 0) Object.assign(cause, { kind: 'parameter', layer: spoilt[0], operation: undefined, samples: undefined })
  const samples = cause.samples ?? (cause.kind === 'unknown' ? [] : Array.from(rows.keys()))
  return {
    epoch,
    step: failed && !failed.hasChanged ? step + 1 : step,
    cause: { ...cause, samples },
    update: scheme.updates && found?.name,
    terms: found?.terms ?? {},
    samples: samplesOf(options.dataset, rows, samples, found),
    parameters: [...parameters].map(([name, { shape }]) => {
      const gradient = found?.gradients.get(name)
      return { name, shape, ...values.get(name)!, ...(gradient && { gradient }) }
    }),
    hasChanged: failed?.hasChanged ?? true,
    ...(obstacle !== undefined && { obstacle }),
    embeddings: found?.embeddings,
  }
}

function findingsOf(update: RetakenUpdate, parameters: Parameters, batchSize: number): UpdateFindings {
  const forward = watchKernels(parameters, batchSize, () => update.outputs())
  const outputs = Object.values(forward.result)
  const main = (forward.result['embeddings'] ?? outputs[0]) as tf.Tensor | undefined
  const isBroken = outputs.some((output) => !isFinite(output))
  /** What comes after broken outputs may fail over them; they are the cause all the same. */
  const beyond = <T>(work: () => T, otherwise: T): T => {
    try {
      return work()
    } catch (error) {
      if (isBroken) return otherwise
      throw error
    }
  }
  const judged = beyond(() => watchKernels(parameters, batchSize, () => update.terms()), { result: new Map<string, tf.Scalar>(), broken: [] })
  const terms = Object.fromEntries([...judged.result].map(([name, term]) => [name, term.dataSync()[0]!]))
  const slopes = beyond(
    () =>
      [...judged.result.keys()].map((name) => {
        const { result, broken } = watchKernels(parameters, batchSize, () => update.outputGradients(name))
        return { name, first: broken.at(-1), at: result }
      }),
    [],
  )
  const back = beyond(() => watchKernels(parameters, batchSize, () => update.gradients()), { result: new Map<string, tf.Tensor>(), broken: [] })
  const gradients = new Map([...back.result].map(([name, gradient]) => [name, statistics(gradient.dataSync() as Float32Array)]))
  const ofMain = main && slopes.flatMap(({ at }) => [...at]).flatMap(([name, gradient]) => (forward.result[name] === main ? [gradient] : []))
  return {
    cause: causeOf({ batchSize, outputs, forward: forward.broken[0], terms, judged: judged.broken.at(-1), slopes, gradients, backward: back.broken[0] }),
    name: update.name,
    terms,
    gradients,
    embeddings: main?.dtype === 'float32' && main.shape[0] === batchSize ? { shape: main.shape, values: (main.dataSync() as Float32Array).slice() } : undefined,
    slopes: ofMain && ofMain.length > 0 ? rowNorms(sumOf(ofMain.map((gradient) => gradient.dataSync() as Float32Array)), batchSize) : undefined,
  }
}

interface Evidence {
  readonly batchSize: number
  readonly outputs: readonly tf.Tensor[]
  readonly forward: BrokenOperation | undefined
  readonly terms: Readonly<Record<string, number>>
  readonly judged: BrokenOperation | undefined
  readonly slopes: readonly { readonly name: string; readonly first: BrokenOperation | undefined; readonly at: ReadonlyMap<string, tf.Tensor> }[]
  readonly gradients: ReadonlyMap<string, { readonly broken: number }>
  readonly backward: BrokenOperation | undefined
}

/** Of a loss the last operation counts: what breaks in the middle of one may be masked on purpose. */
function causeOf({ batchSize, outputs, forward, terms, judged, slopes, gradients, backward }: Evidence): UpdateFindings['cause'] {
  const rowsOf = (tensors: readonly tf.Tensor[]) => unionOf(tensors.filter(({ shape }) => shape[0] === batchSize).map(brokenRows))
  const brokenTerms = Object.keys(terms).filter((name) => !Number.isFinite(terms[name]))
  const ofOutputs = outputs.filter((output) => !isFinite(output))
  if (ofOutputs.length > 0) {
    return { kind: 'forward', terms: brokenTerms, layer: forward?.parameter, operation: forward?.kernel, samples: forward?.rows ?? rowsOf(ofOutputs) }
  }
  const steep = slopes.filter(({ at }) => [...at.values()].some((gradient) => !isFinite(gradient)))
  const steepRows = rowsOf(steep.flatMap(({ at }) => [...at.values()]))
  const some = (rows: readonly number[] | undefined) => (rows && rows.length > 0 && rows.length < batchSize ? rows : undefined)
  if (brokenTerms.length > 0) {
    return { kind: 'term', terms: brokenTerms, layer: judged?.parameter, operation: judged?.kernel, samples: some(judged?.rows) ?? some(steepRows) }
  }
  const brokenGradients = [...gradients].filter(([, { broken }]) => broken > 0).map(([name]) => name)
  if (steep.length === 0 && brokenGradients.length === 0) return { kind: 'unknown', terms: [] }
  // The way back begins at the outputs, so that the last of the broken ones is where it began, unless it did within the loss.
  const [first] = steep
  const layer = brokenGradients.at(-1)
  if (!first) return { kind: 'gradient', terms: slopes.length === 1 ? [slopes[0]!.name] : [], layer, operation: backward?.kernel }
  return { kind: 'gradient', terms: steep.map(({ name }) => name), layer, operation: first.first?.kernel, samples: some(steepRows) }
}

function samplesOf({ labels, classNames }: Dataset, rows: Int32Array, named: readonly number[], found: UpdateFindings | undefined): readonly SampleFinding[] {
  const isNamed = new Set(named)
  const norms = found?.embeddings && rowNorms(found.embeddings.values, rows.length)
  return Array.from(rows, (row, index) => {
    const label = labels[row]!
    return { index, row, label, className: classNames[label] ?? String(label), isNamed: isNamed.has(index), norm: norms?.[index], gradientNorm: found?.slopes?.[index] }
  })
}

/** Positions in the batch of samples that were broken when they came. */
function brokenSamples(views: readonly LoadedSamples[]): readonly number[] {
  return unionOf(
    views.map(({ values, shape }) => {
      if (values instanceof Uint8Array) return []
      const width = values.length / shape[0]!
      return Array.from({ length: shape[0]! }, (_, i) => i).filter((i) => countBroken(values.subarray(i * width, (i + 1) * width)) > 0)
    }),
  )
}

const unionOf = (lists: readonly (readonly number[])[]): readonly number[] => [...new Set(lists.flat())].sort((a, b) => a - b)

function countBroken(values: ArrayLike<number>): number {
  let count = 0
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) count += 1
  return count
}

const sizeOf = (values: Float32Array) => ({
  broken: countBroken(values),
  largest: values.reduce((largest, value) => (Number.isFinite(value) ? Math.max(largest, Math.abs(value)) : largest), 0),
})

const statistics = (values: Float32Array) => ({ broken: countBroken(values), norm: rowNorms(values, 1)[0]! })

const sumOf = (lists: readonly Float32Array[]): Float32Array => lists[0]!.map((_, i) => lists.reduce((sum, list) => sum + list[i]!, 0))

function rowNorms(values: Float32Array, rows: number): readonly number[] {
  const width = values.length / rows
  return Array.from({ length: rows }, (_, row) => Math.sqrt(values.subarray(row * width, (row + 1) * width).reduce((sum, value) => sum + value * value, 0)))
}

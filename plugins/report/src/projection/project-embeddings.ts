import { Worker } from 'node:worker_threads'
import { PluginError, expectNumber } from '@metric-learning/contracts'
import { nearestNeighbours } from '../embeddings/nearest-neighbours.js'

const PROGRAM = new URL('../../workers/project.mjs', import.meta.url)

export interface ProjectionOptions {
  /** Equal seeds give equal pictures. Default 0. */
  readonly seed?: number
  /** Rounds of optimisation. Default 200. */
  readonly rounds?: number
  /** Told now and then how much is done, from 0 to 1. */
  readonly onProgress?: (done: number) => void
  /** Ends the projection, which fails then. */
  readonly signal?: AbortSignal
}

/** What the worker is given. */
export interface ProjectionJob {
  /** Row-major [rows, dim]. */
  readonly values: Float64Array
  readonly dim: number
  /** Of each row its nearest ones, itself first, and how far they are. */
  readonly indices: readonly (readonly number[])[]
  readonly distances: readonly (readonly number[])[]
  readonly seed: number
  readonly rounds: number
}

/** What the worker says. */
type ProjectionMessage = { readonly done: number } | { readonly points: readonly (readonly number[])[] }

/** Fewer rows than this have no picture worth drawing. */
export const FEWEST_ROWS = 10

/**
 * Projects embeddings to the plane by UMAP (15 neighbours, found exactly by Euclidean distance;
 * minimal distance 0.1), in a worker thread. Neighbours are found here, with a turn of the event loop every few rows.
 *
 * @param values row-major [rows, dim], at least {@link FEWEST_ROWS} rows
 * @returns a point a row
 * @throws {PluginError} when the worker fails, or is ended by `signal`.
 * @see McInnes, Healy and Melville, UMAP, arXiv:1802.03426.
 */
export async function projectEmbeddings(
  values: Float64Array,
  dim: number,
  { seed = 0, rounds = 200, onProgress = () => undefined, signal }: ProjectionOptions = {},
): Promise<[number, number][]> {
  expectNumber('projectEmbeddings', 'seed', seed, { integer: true })
  const count = values.length / dim
  const nNeighbors = Math.min(15, count - 1)
  const nearest = await nearestNeighbours(values, dim, nNeighbors - 1)
  const indices = nearest.map(({ rows }, row) => [row, ...rows])
  const distances = nearest.map((found) => [0, ...found.distances])
  const points = await inWorker({ values, dim, indices, distances, seed, rounds }, onProgress, signal)
  return points.map(([x, y]) => [x!, y!])
}

function inWorker(job: ProjectionJob, onProgress: (done: number) => void, signal: AbortSignal | undefined): Promise<readonly (readonly number[])[]> {
  return new Promise((resolve, reject) => {
    const fail = (got: string, cause?: unknown) => {
      reject(
        new PluginError({
          who: 'projectEmbeddings',
          wanted: `the projection of ${job.indices.length} embeddings to be finished by its worker thread`,
          got,
          fix: 'Project fewer embeddings where memory is short; the cause has the stack.',
          cause,
        }),
      )
    }
    // Without the loaders of the process, which the program does not need.
    const worker = new Worker(PROGRAM, { workerData: job, execArgv: [] })
    const abort = () => void worker.terminate()
    if (signal?.aborted) abort()
    signal?.addEventListener('abort', abort)
    worker.on('message', (message: ProjectionMessage) => {
      if ('points' in message) resolve(message.points)
      else onProgress(message.done)
    })
    worker.on('error', (error) => {
      fail(error.message, error)
    })
    worker.on('exit', (code) => {
      signal?.removeEventListener('abort', abort)
      fail(signal?.aborted ? 'that it was ended' : `its end with code ${code}`)
    })
  })
}

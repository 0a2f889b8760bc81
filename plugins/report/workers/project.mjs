// Runs in a worker thread: projects embeddings to the plane by UMAP. Plain JavaScript, since a worker is started from a file that Node runs as
// it is, from the sources as well as from a build. Its messages: src/projection/project-embeddings.ts.
import { parentPort, workerData } from 'node:worker_threads'
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { UMAP } from 'umap-js'

/** @type {import('../src/projection/project-embeddings.ts').ProjectionJob} */
const { values, dim, indices, distances, seed, rounds } = workerData

// The draws of `Random` of contracts.
const generator = xoroshiro128plus(seed | 0)
const random = () => uniformFloat64(generator)

const umap = new UMAP({ nComponents: 2, nNeighbors: indices[0].length, minDist: 0.1, nEpochs: rounds, random })
umap.setPrecomputedKNN(indices, distances)
umap.initializeFit(Array.from({ length: values.length / dim }, (_, row) => Array.from(values.subarray(row * dim, (row + 1) * dim))))
for (let round = 1; round <= rounds; round++) {
  umap.step()
  if (round % 10 === 0) parentPort.postMessage({ done: round / rounds })
}
parentPort.postMessage({ points: umap.getEmbedding() })

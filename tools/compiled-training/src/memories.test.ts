import * as tf from '@tensorflow/tfjs-core'
import { Random } from '@metric-learning/contracts'
import { Trainer, type Plugin } from '@metric-learning/core'
import { ContrastiveLoss, CrossBatchMemory, MultipleLosses, TripletMarginLoss } from '@metric-learning/losses'
import { MultiSimilarityMiner } from '@metric-learning/miners'
import { ConvNet, Embedder } from '@metric-learning/models'
import { FusedKernel, hasFusedKernel, type CompileMode } from '@metric-learning/ops'
import { MPerClassSampler } from '@metric-learning/samplers'
import { describe, expect, it, onTestFinished } from 'vitest'
import { pictures } from './pictures.js'
import { CLASSES, EMBEDDING_SIZE, STEPS } from './small-run.js'

const dataset = pictures(CLASSES, 20)
const BATCH = 16
/** Neither a multiple of a batch, nor full within an epoch. */
const MEMORY = 170
const sampler = new MPerClassSampler({ labels: dataset.labels, m: 4, batchSize: BATCH })

interface MadeOptions {
  readonly compile: CompileMode
  readonly kind: keyof typeof kinds
  readonly plugins?: readonly Plugin[]
}

/** What a memory is made with. */
const kinds = {
  'a loss of losses and a miner': () => ({
    loss: new MultipleLosses({ losses: [new ContrastiveLoss(), new TripletMarginLoss()] }),
    miner: new MultiSimilarityMiner(),
    maxPositives: 30,
  }),
  'all pairs, added up by one operation': () => ({ loss: new ContrastiveLoss({ negMargin: 1 }) }),
}

/** A run with a memory, all of its own. */
function made({ compile, kind, plugins = [] }: MadeOptions) {
  const random = new Random(3)
  const trunk = new ConvNet({ width: 4, blocks: 2, random })
  const embedder = new Embedder({ inputSize: trunk.outputSize, embeddingSize: EMBEDDING_SIZE, random })
  const memory = new CrossBatchMemory({
    ...kinds[kind](),
    embeddingSize: EMBEDDING_SIZE,
    memorySize: MEMORY,
  })
  const losses: number[] = []
  const recorder: Plugin = {
    name: 'recorder',
    apply: ({ hooks }) => {
      hooks.batchEnd.tapPromise({ name: 'recorder' }, async ({ loss }) => void losses.push(await loss()))
    },
  }
  const trainer = new Trainer({ trunk, embedder, dataset, sampler, objectives: [{ loss: memory }], compile, plugins: [recorder, ...plugins] })
  onTestFinished(() => {
    trainer.dispose()
    for (const part of [trunk, embedder, memory]) part.dispose()
  })
  const remembered = () => Object.fromEntries([...memory.buffers].map(([name, buffer]) => [name, [...buffer.dataSync()]]))
  return { trainer, losses, remembered }
}

async function steps({ trainer }: ReturnType<typeof made>, count: number): Promise<void> {
  for await (const { step } of trainer.steps({ epochs: Math.ceil(count / STEPS) })) if (step === count) break
}

const exchanging = (holdEvery?: number): Plugin => {
  let steps = 0
  return {
    name: 'exchange',
    apply({ hooks }) {
      hooks.exchange.tap({ name: 'exchange' }, ({ hold }) => {
        steps += 1
        if (holdEvery && steps % holdEvery === 0) hold()
      })
    },
  }
}

describe.each((Object.keys(kinds) as (keyof typeof kinds)[]).flatMap((kind) => [true, false].map((compile) => ({ kind, compile }))))('A memory of $kind within a run (compile: $compile)', ({ kind, compile }) => {
  it('takes each batch once, exchanged or held as well', async () => {
    const [plain, exchanged, held] = [made({ compile, kind }), made({ compile, kind, plugins: [exchanging()] }), made({ compile, kind, plugins: [exchanging(2)] })]
    for (const run of [plain, exchanged, held]) await run.trainer.train({ epochs: 2 })
    expect(exchanged.losses).toEqual(plain.losses)
    expect(exchanged.remembered()).toEqual(plain.remembered())
    const rows = 2 * STEPS * BATCH
    for (const run of [plain, exchanged, held]) expect(run.remembered()).toMatchObject({ queueIndex: [rows % MEMORY], queueCount: [MEMORY] })
    // The same batches in the same slots, of other weights.
    expect(held.remembered()['labelMemory']).toEqual(plain.remembered()['labelMemory'])
    expect(held.remembered()['embeddingMemory']).not.toEqual(plain.remembered()['embeddingMemory'])
  })

  it.each([4, 14])('goes on where it was saved, after %d steps', async (at) => {
    const [whole, first, second] = [made({ compile, kind }), made({ compile, kind }), made({ compile, kind })]
    await steps(whole, 2 * STEPS)
    await steps(first, at)
    await second.trainer.restore(await first.trainer.state())
    expect(second.remembered()).toEqual(first.remembered())
    await second.trainer.train({ epochs: 2 })
    expect([...first.losses, ...second.losses]).toEqual(whole.losses)
    expect(second.remembered()).toEqual(whole.remembered())
  })
})

it.runIf(hasFusedKernel(FusedKernel.pairHinges))('All pairs of a memory are added up without a matrix of distances', async () => {
  const { loss } = kinds['all pairs, added up by one operation']()
  const memory = new CrossBatchMemory({ loss, embeddingSize: 3, memorySize: 8 })
  onTestFinished(() => memory.dispose())
  const { kernelNames } = await tf.profile(() => tf.grad((x: tf.Tensor) => memory.compute(x as tf.Tensor2D, [0, 0, 1, 1]))(tf.randomNormal([4, 3])))
  expect(kernelNames).toContain(FusedKernel.pairHinges)
  expect(kernelNames).not.toContain(FusedKernel.euclideanDistances)
})

it.runIf(hasFusedKernel(FusedKernel.pairHinges))('A look at how many of them cost something forms none either', async () => {
  const active: number[] = []
  const spy: Plugin = {
    name: 'spy',
    apply: ({ hooks }) => {
      hooks.log.tap({ name: 'spy' }, ({ kind, tag, ...entry }) => {
        if (kind === 'scalar' && tag.startsWith('train/active/')) active.push((entry as { readonly value: number }).value)
      })
    },
  }
  const run = made({ compile: false, kind: 'all pairs, added up by one operation', plugins: [spy] })
  const { kernelNames } = await tf.profile(() => steps(run, 2 * STEPS))
  expect(kernelNames).toContain(FusedKernel.pairHinges)
  expect(kernelNames).not.toContain(FusedKernel.euclideanDistances)
  expect(active.length).toBeGreaterThan(0)
  for (const share of active) expect(share).toBeGreaterThan(0)
})

import { Random } from '@metric-learning/contracts'
import { Trainer, type Plugin } from '@metric-learning/core'
import { ContrastiveLoss, CrossBatchMemory, MultipleLosses, TripletMarginLoss } from '@metric-learning/losses'
import { MultiSimilarityMiner } from '@metric-learning/miners'
import { ConvNet, Embedder } from '@metric-learning/models'
import type { CompileMode } from '@metric-learning/ops'
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
  readonly plugins?: readonly Plugin[]
}

/** A run with a memory within a loss of losses, all of its own. */
function made({ compile, plugins = [] }: MadeOptions) {
  const random = new Random(3)
  const trunk = new ConvNet({ width: 4, blocks: 2, random })
  const embedder = new Embedder({ inputSize: trunk.outputSize, embeddingSize: EMBEDDING_SIZE, random })
  const memory = new CrossBatchMemory({
    loss: new MultipleLosses({ losses: [new ContrastiveLoss(), new TripletMarginLoss()] }),
    miner: new MultiSimilarityMiner(),
    embeddingSize: EMBEDDING_SIZE,
    memorySize: MEMORY,
    maxPositives: 30,
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

describe.each([true, false])('A memory within a run (compile: %s)', (compile) => {
  it('takes each batch once, exchanged or held as well', async () => {
    const [plain, exchanged, held] = [made({ compile }), made({ compile, plugins: [exchanging()] }), made({ compile, plugins: [exchanging(2)] })]
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
    const [whole, first, second] = [made({ compile }), made({ compile }), made({ compile })]
    await steps(whole, 2 * STEPS)
    await steps(first, at)
    await second.trainer.restore(await first.trainer.state())
    expect(second.remembered()).toEqual(first.remembered())
    await second.trainer.train({ epochs: 2 })
    expect([...first.losses, ...second.losses]).toEqual(whole.losses)
    expect(second.remembered()).toEqual(whole.remembered())
  })
})

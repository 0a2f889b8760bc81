import type { Loss, Miner } from '@metric-learning/contracts'
import { Trainer, type Plugin } from '@metric-learning/core'
import { ContrastiveLoss, CrossBatchMemory, MultipleLosses, TripletMarginLoss } from '@metric-learning/losses'
import { BatchHardMiner, CappedMiner, MultiSimilarityMiner, PairMarginMiner, TripletMarginMiner, UnionMiner } from '@metric-learning/miners'
import { ConvNet, Embedder } from '@metric-learning/models'
import { MPerClassSampler } from '@metric-learning/samplers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { pictures } from './pictures.js'
import { EMBEDDING_SIZE } from './small-run.js'

const dataset = pictures(8, 20)
/** Selects nothing: easy triplets by as much as there can hardly be. */
const nothing = () => new TripletMarginMiner({ typeOfTriplets: 'easy', margin: 1.999 })
const recording = () => new MultiSimilarityMiner({ collectStats: true })

type Logged = Record<string, number>

/** A trainer, and what it logged last of selections, by tag. */
function run(loss: Loss, compile: boolean, miner?: Miner) {
  const logged: Logged = {}
  const logger: Plugin = {
    name: 'logger',
    apply({ hooks }) {
      hooks.log.tap({ name: 'logger' }, (entry) => {
        if (entry.kind === 'scalar' && /^train\/(emptySelections|miner)\//.test(entry.tag)) logged[entry.tag.slice(6)] = entry.value
      })
    },
  }
  const trunk = new ConvNet({ width: 4, blocks: 2, seed: 1 })
  const embedder = new Embedder({ inputSize: trunk.outputSize, embeddingSize: EMBEDDING_SIZE, seed: 2 })
  const sampler = new MPerClassSampler({ labels: dataset.labels, m: 4, batchSize: 16 })
  const trainer = new Trainer({ trunk, embedder, dataset, sampler, objectives: [{ name: 'o', loss, ...(miner && { miner }) }], compile, plugins: [logger], logEverySteps: 5 })
  return { trainer, logged }
}

describe.each([true, false])('What miners do within losses (compile: %s)', (compile) => {
  afterEach(() => {
    vi.restoreAllMocks()
  })
  const quiet = () => vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)

  it('is counted and logged, of several losses and of a memory', async () => {
    const warn = quiet()
    const several = run(new MultipleLosses({ losses: { a: new TripletMarginLoss(), b: new ContrastiveLoss() }, miners: { a: nothing(), b: recording() } }), compile)
    const memory = run(new CrossBatchMemory({ loss: new TripletMarginLoss(), embeddingSize: EMBEDDING_SIZE, memorySize: 48, miner: new UnionMiner({ miners: [nothing(), new BatchHardMiner({ collectStats: true })] }) }), compile)
    for (const { trainer } of [several, memory]) await trainer.train({ epochs: 1 })
    const { step } = several.trainer
    expect(several.logged).toEqual({ 'emptySelections/o/losses.a': step, 'miner/o/losses.b/numPosPairs': expect.any(Number) as number, 'miner/o/losses.b/numNegPairs': expect.any(Number) as number })
    expect(memory.logged['miner/o/loss/miners.1/numTriplets']).toBe(16)
    expect(Object.keys(memory.logged).filter((tag) => tag.startsWith('empty'))).toEqual([])
    expect(warn).toHaveBeenCalledTimes(1)
  })

  it('goes on where a run is resumed, also of the miner beside a memory', async () => {
    quiet()
    const make = () => run(new CrossBatchMemory({ loss: new TripletMarginLoss(), embeddingSize: EMBEDDING_SIZE, memorySize: 48, miner: nothing() }), compile, new CappedMiner({ miner: nothing(), maxTuples: 5 }))
    const first = make()
    await first.trainer.train({ epochs: 1 })
    const { step } = first.trainer
    expect(first.logged).toEqual({ 'emptySelections/o': step, 'emptySelections/o/loss': step })
    const second = make()
    await second.trainer.restore(await first.trainer.state())
    await second.trainer.train({ epochs: 2 })
    expect(second.logged).toEqual({ 'emptySelections/o': 2 * step, 'emptySelections/o/loss': 2 * step })
  })

  it('is none where pairs are compared, however many a margin leaves', async () => {
    const warn = quiet()
    const { trainer, logged } = run(new ContrastiveLoss(), compile, new PairMarginMiner({ posMargin: 1.999, negMargin: 1.999 }))
    await trainer.train({ epochs: 1 })
    expect([logged, warn.mock.calls]).toEqual([{}, []])
  })
})

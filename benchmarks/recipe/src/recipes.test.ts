import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Registry, type PartSpec } from '@metric-learning/experiments'
import { describe, expect, it } from 'vitest'
import { HOME, readRecipe, RECIPES } from './recipes.js'

const pml = readFileSync(join(HOME, 'pml_recipe.py'), 'utf8')

describe.each(RECIPES)('%s', (name) => {
  it('is an experiment of two losses and three seeds, judged after the last epoch', async () => {
    const { configuration } = await readRecipe(name)
    expect(configuration.name).toBe(name)
    expect(Object.keys(configuration.methods)).toEqual(['Triplet', 'ArcFace'])
    expect(configuration.seeds).toEqual([0, 1, 2])
    expect(configuration.result).toBe('last')
    const [, { everyEpochs, ...judged }] = Registry.split(configuration.testers[0] as PartSpec) as readonly [string, { readonly everyEpochs: number }]
    expect(judged).toEqual({ accuracyCalculator: { AccuracyCalculator: { k: 'max_bin_count' } }, beforeTraining: false })
    expect(configuration.epochs % everyEpochs).toBe(0)
  })

  it('is what the other side has', async () => {
    const { configuration } = await readRecipe(name)
    const optionsOf = (spec: unknown) => Registry.split(spec as never)[1] as Readonly<Record<string, number>>
    const { m, batchSize, lengthBeforeNewIter } = optionsOf(configuration.sampler)
    const { embeddingSize } = optionsOf(configuration.embedder)
    expect(lengthBeforeNewIter! % batchSize!).toBe(0)
    expect(pml).toContain(`BATCH, M, SIZE = ${batchSize}, ${m}, ${embeddingSize}\n`)
    const [triplet, arcFace] = Object.values(configuration.methods).map(({ objectives }) => objectives[0]!)
    expect(pml).toContain(`losses.TripletMarginLoss(margin=${optionsOf(triplet!.loss)['margin']})`)
    expect(pml).toContain(`miners.MultiSimilarityMiner(epsilon=${optionsOf(triplet!.miner)['epsilon']})`)
    const { margin, scale } = optionsOf(arcFace!.loss)
    expect(pml).toContain(`losses.ArcFaceLoss(classes, SIZE, margin=${margin}, scale=${scale})`)
    const rateOf = (spec: unknown) => optionsOf(spec)['learningRate']!.toExponential()
    expect(pml).toContain(`torch.optim.Adam(embedder.parameters(), lr=${rateOf(configuration.optimizers['embedder'])})`)
    expect(pml).toContain(`torch.optim.Adam(loss_function.parameters(), lr=${rateOf(arcFace!.optimizer)})`)
    const [trunk] = Registry.split(configuration.trunk as never)
    expect(pml).toContain({ ResNet18: 'torchvision.models.resnet18(weights=None)', pretrainedTrunk: 'EfficientNet.from_pretrained("efficientnet-lite0"' }[trunk]!)
  })
})

it('begins with weights that are named', async () => {
  const { configuration } = await readRecipe('emoji-pretrained', '/weights/lite0.pth')
  expect(configuration.trunk).toEqual({ pretrainedTrunk: { name: 'efficientnet_lite_pytorch/efficientnet-lite0', file: '/weights/lite0.pth' } })
  await expect(readRecipe('emoji-resnet18', '/weights/lite0.pth')).rejects.toThrow('wanted a field `trunk.pretrainedTrunk.file` to change')
})

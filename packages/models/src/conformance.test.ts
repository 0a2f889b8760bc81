import { Random } from '@metric-learning/contracts'
import { describeModule } from '@metric-learning/plugin-testkit'
import { ConvNet } from './conv-net.js'
import { EfficientNetLite0 } from './efficientnet/efficientnet-lite0.js'
import { InvertedResidual } from './efficientnet/inverted-residual.js'
import { Embedder } from './embedder.js'
import { MLP } from './mlp.js'
import { ResNet } from './resnet/resnet.js'

describeModule('ConvNet', {
  create: () => new ConvNet({ width: 4, blocks: 2, seed: 1 }),
  sampleShape: [8, 8, 1],
  mistakes: { 'no block': () => new ConvNet({ blocks: 0 }), 'an unknown option': () => new ConvNet({ widht: 4 } as never) },
})
describeModule('Embedder', {
  create: () => new Embedder({ inputSize: 5, embeddingSize: 3, seed: 1 }),
  sampleShape: [5],
  mistakes: { 'an embedding of no dimension': () => new Embedder({ inputSize: 5, embeddingSize: 0 }) },
})
describeModule('MLP', {
  create: () => new MLP({ inputSize: 6, hiddenSizes: [7], outputSize: 3, seed: 1 }),
  sampleShape: [2, 3],
  mistakes: { 'no layer': () => new MLP({ inputSize: 6, hiddenSizes: [] }) },
})
describeModule('ResNet of basic blocks', { create: () => new ResNet({ width: 4, blocks: [1, 1], seed: 1 }), sampleShape: [16, 16, 3] })
describeModule('ResNet of bottlenecks', {
  create: () => new ResNet({ block: 'bottleneck', width: 4, blocks: [1, 1], seed: 1 }),
  sampleShape: [16, 16, 3],
  // Its many relus have kinks nearby.
  step: 2e-4,
})
describeModule('EfficientNetLite0', {
  create: () => new EfficientNetLite0({ seed: 1 }),
  sampleShape: [32, 32, 3],
  mistakes: { 'an unknown padding': () => new EfficientNetLite0({ padding: 'valid' as never }) },
  skip: { parameterGradient: 'batch norms of fifty layers over four values each have no slope that differences can tell; its blocks are judged below' },
})
const shared = { padding: 'same', norm: { epsilon: 1e-3, momentum: 0.1 } } as const
describeModule('InvertedResidual', {
  create: () => new InvertedResidual({ ...shared, inputChannels: 4, outputChannels: 4, kernelSize: 5, stride: 1, expansion: 3, random: new Random(1) }),
  sampleShape: [6, 5, 4],
})
describeModule('InvertedResidual with a stride', {
  create: () => new InvertedResidual({ ...shared, padding: 'symmetric', inputChannels: 4, outputChannels: 6, kernelSize: 3, stride: 2, expansion: 1, random: new Random(1) }),
  sampleShape: [6, 5, 4],
})

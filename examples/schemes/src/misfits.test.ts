import { OptionError } from '@metric-learning/contracts'
import { Adam, Trainer, type Objective, type Plugin, type Scheme } from '@metric-learning/core'
import { quickDraw } from '@metric-learning/datasets'
import { ArcFaceLoss, ContrastiveLoss, CrossEntropyLoss, VICRegLoss } from '@metric-learning/losses'
import { MLP } from '@metric-learning/models'
import { Scheduled } from '@metric-learning/ops'
import { MPerClassSampler } from '@metric-learning/samplers'
import { linear, schedules } from '@metric-learning/schedules'
import { cascadedEmbeddings, distillation, trainWithClassifier, twoStreams } from '@metric-learning/schemes'
import { describe, expect, it } from 'vitest'
import { network } from './task.js'

const dataset = (await quickDraw({ split: 'train', samplesPerClass: 4 })).ofClasses('some drawings', [...Array(16).keys()])
const sampler = new MPerClassSampler({ labels: dataset.labels, m: 4, batchSize: 32 })
const trainer = (scheme: Scheme, objectives: readonly Objective[], more: { readonly optimizers?: object; readonly plugins?: readonly Plugin[] } = {}) =>
  new Trainer({ scheme, dataset, sampler, objectives, ...(more as object) })

const classifying = () => trainWithClassifier({ ...network(0), classifier: new MLP({ inputSize: 64, hiddenSizes: [], outputSize: 16, seed: 1 }) })
const contrastive = () => new ContrastiveLoss()

/** Real parts, put together wrongly: each message names both sides. */
describe('A trainer refuses', () => {
  it.each<[string, () => unknown, readonly string[]]>([
    ['a loss over classes for logits of another number of them', () => trainer(classifying(), [{ loss: new CrossEntropyLoss({ numClasses: 10 }), of: 'logits' }]), ['Objective "CrossEntropyLoss"', '10 numbers', '"logits" of TrainWithClassifier, which has 16']],
    ['a loss over classes for embeddings of another size', () => trainer(classifying(), [{ loss: new ArcFaceLoss({ numClasses: 16, embeddingSize: 32 }) }]), ['Objective "ArcFaceLoss"', '32 numbers', '"embeddings" of TrainWithClassifier, which has 64']],
    ['an output that the scheme does not have', () => trainer(cascadedEmbeddings({ ...network(0), embeddingSizes: [32, 32] }), [{ loss: contrastive(), of: 'embeddings2' }]), ['Objective "ContrastiveLoss"', 'embeddings0, embeddings1 of CascadedEmbeddings', '"embeddings2"']],
    ['streams that are not there', () => trainer(classifying(), [{ loss: contrastive(), against: 'otherEmbeddings' }]), ['Objective "ContrastiveLoss"', 'of TrainWithClassifier', '"otherEmbeddings"', '`against`']],
    ['embeddings that are compared with wider ones', () => trainer(distillation({ ...network(0), teacher: { trunk: network(1).trunk } }), [{ loss: new VICRegLoss(), against: 'teacherEmbeddings' }]), ['VICRegLoss', '"embeddings" of 64', '"teacherEmbeddings" of', 'of Distillation']],
    ['a classifier that no objective judges', () => trainer(classifying(), [{ loss: contrastive() }]), ['update "TrainWithClassifier"', 'what classifier computes: logits', '"ContrastiveLoss" of embeddings']],
    ['an embedder behind what is judged', () => trainer(distillation({ ...network(0), teacher: network(1) }), [{ loss: contrastive(), of: 'features' }]), ['what embedder computes: embeddings', '"ContrastiveLoss" of features']],
    ['a loss of two views with one', () => trainer(distillation({ ...network(0), teacher: network(1) }), [{ loss: new VICRegLoss() }]), ['Objective "VICRegLoss"', '`against`, what VICRegLoss compares the output `of` with', 'none']],
    ['a data set with fewer views than the scheme compares', () => trainer(twoStreams(network(0)), [{ loss: contrastive(), against: 'otherEmbeddings' }]), ['TwoStreams', 'some drawings', '1']],
    ['an optimizer of a group that is not there', () => trainer(classifying(), [{ loss: contrastive() }], { optimizers: { clasifier: new Adam() } }), ['trunk, embedder, classifier', '`clasifier`']],
    ['a schedule of a rate that is not there', () => trainer(classifying(), [{ loss: contrastive() }], { plugins: [schedules([{ of: 'clasifier', shape: linear({ totalIters: 2 }), by: 'epoch' }])] }), ['trunk, embedder, classifier', '"clasifier"']],
    ['a schedule of a number that nothing uses', () => trainer(classifying(), [{ loss: contrastive() }], { plugins: [schedules([{ of: new Scheduled(1, 'margin'), shape: linear({ totalIters: 2 }), by: 'epoch' }])] }), ['a number that the run uses', 'margin']],
  ])('%s', (_, make, parts) => {
    expect(make).toThrow(OptionError)
    for (const part of parts) expect(make).toThrow(part)
  })
})

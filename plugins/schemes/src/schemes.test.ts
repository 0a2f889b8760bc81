import * as tf from '@tensorflow/tfjs-core'
import { OptionError, type Batch, type Module } from '@metric-learning/contracts'
import { Embedder, MLP } from '@metric-learning/models'
import { firstDrawPosition, reachableFields, relationsOf, Scheduled } from '@metric-learning/ops'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { cascadedEmbeddings } from './cascaded-embeddings.js'
import { deepAdversarialMetricLearning } from './deep-adversarial-metric-learning.js'
import { distillation, relationalDistance } from './distillation.js'
import { fineTuning } from './fine-tuning.js'
import { trainWithClassifier } from './train-with-classifier.js'
import { twoStreams } from './two-streams.js'
import { twoViews } from './two-views.js'

const mode = { training: true }
const labels = [0, 0, 1, 1, 2, 2]
let batch: Batch
beforeEach(() => {
  tf.engine().startScope()
  const views = [1, 2].map((seed) => tf.randomNormal([labels.length, 3], 0, 1, 'float32', seed))
  const relations = relationsOf(labels)
  batch = { views, samples: views[0]!, rows: tf.range(0, labels.length, 1, 'int32'), position: firstDrawPosition(), relations: () => relations }
})
afterEach(() => {
  tf.engine().endScope()
})

const layer = (inputSize: number, outputSize: number, seed: number): Module => new MLP({ inputSize, hiddenSizes: [], outputSize, seed })
const values = (tensor: tf.Tensor | undefined) => [...tensor!.dataSync()]

it.each([
  ['trainWithClassifier', () => trainWithClassifier({ trunk: layer(3, 5, 1) } as never), '`classifier` to be an object with `call`, got undefined'],
  ['twoViews', () => twoViews({} as never), '`trunk` to be'],
  ['cascadedEmbeddings', () => cascadedEmbeddings({ embeddingSizes: [2, 2] } as never), '`trunk` to be'],
  ['twoViews', () => twoViews(undefined as never), 'an object of options, got undefined'],
  ['twoViews', () => twoViews({ trunk: layer(3, 2, 1), embeder: layer(2, 2, 2) } as never), 'only the options trunk, embedder, got `embeder`'],
  ['fineTuning', () => fineTuning(undefined as never), 'an object of options, got undefined'],
  ['twoStreams', () => twoStreams({ trunk: layer(3, 2, 1), others: {} } as never), 'only the options trunk, embedder, other, got `others`'],
  ['trainWithClassifier', () => trainWithClassifier({ trunk: layer(3, 2, 1), classifer: layer(2, 2, 2) } as never), 'only the options trunk, embedder, classifier, got `classifer`'],
  ['fineTuning', () => fineTuning({ trunk: layer(3, 5, 1), embedder: 64 } as never), '`embedder` to be'],
  ['twoStreams', () => twoStreams({ trunk: layer(3, 5, 1), other: layer(3, 5, 2) } as never), '`other.trunk` to be'],
  ['deepAdversarialMetricLearning', () => deepAdversarialMetricLearning({ trunk: layer(3, 5, 1), embedder: layer(5, 4, 2) } as never), '`generator` to be'],
])('%s says which module is missing or unknown', (name, make, message) => {
  expect(make).toThrow(`${name}: wanted ${message}`)
})

const path = () => ({ trunk: layer(3, 5, 1), embedder: layer(5, 4, 2) })
const misfit = () => ({ trunk: layer(3, 5, 1), embedder: new Embedder({ inputSize: 6, embeddingSize: 4 }) })
const adversarial = { generator: layer(15, 5, 3), metric: { loss: { name: 'none', parameters: new Map(), compute: (x: tf.Tensor) => tf.mean(x) as tf.Scalar } } }
it.each<[string, () => unknown, string]>([
  ['trainWithClassifier', () => trainWithClassifier({ ...misfit(), classifier: layer(4, 3, 3) }), 'an `embedder` for the 5 features of MLP, got Embedder for 6.'],
  ['trainWithClassifier', () => trainWithClassifier({ ...path(), classifier: layer(5, 3, 3) }), 'a `classifier` for the 4 numbers of an embedding, got MLP for 5. Pass 4 as its `inputSize`.'],
  ['cascadedEmbeddings', () => cascadedEmbeddings({ ...misfit(), embeddingSizes: [2, 2] }), 'an `embedder` for the 5 features of MLP, got Embedder for 6.'],
  ['twoViews', () => twoViews(misfit()), 'an `embedder` for the 5 features of MLP, got Embedder for 6.'],
  ['twoStreams', () => twoStreams(misfit()), 'an `embedder` for the 5 features of MLP, got Embedder for 6.'],
  ['twoStreams, other', () => twoStreams({ ...path(), other: misfit() }), 'an `embedder` for the 5 features of MLP, got Embedder for 6.'],
  ['distillation', () => distillation({ ...misfit(), teacher: path() }), 'an `embedder` for the 5 features of MLP, got Embedder for 6.'],
  ['distillation, teacher', () => distillation({ ...path(), teacher: misfit() }), 'an `embedder` for the 5 features of MLP, got Embedder for 6.'],
  ['fineTuning', () => fineTuning(misfit()), 'an `embedder` for the 5 features of MLP, got Embedder for 6.'],
  ['deepAdversarialMetricLearning', () => deepAdversarialMetricLearning({ ...misfit(), ...adversarial }), 'an `embedder` for the 5 features of MLP, got Embedder for 6.'],
  ['deepAdversarialMetricLearning', () => deepAdversarialMetricLearning({ ...path(), ...adversarial, generator: layer(5, 5, 3) }), 'a `generator` for the 15 numbers of the features of three samples side by side, got MLP for 5.'],
  ['deepAdversarialMetricLearning', () => deepAdversarialMetricLearning({ ...path(), ...adversarial, generator: layer(15, 4, 3) }), 'a `generator` of 5 numbers, as the features of MLP have, got MLP, which gives 4.'],
  ['deepAdversarialMetricLearning', () => deepAdversarialMetricLearning({ ...path(), ...adversarial, classifier: layer(5, 3, 4) }), 'a `classifier` for the 4 numbers of an embedding, got MLP for 5.'],
  ['deepAdversarialMetricLearning', () => deepAdversarialMetricLearning({ ...path(), ...adversarial, classifier: layer(4, 3, 4) }), "an objective in `metric` with `of: 'logits'`, for the `classifier`, got none."],
  ['deepAdversarialMetricLearning', () => deepAdversarialMetricLearning({ ...path(), ...adversarial, distance: {} as never }), '`distance` to be an object with `margin` and `betweenRows`'],
  ['distillation', () => { const own = path(); return distillation({ ...own, teacher: { trunk: layer(3, 5, 7), embedder: own.embedder } }) }, 'a `teacher` with parameters of its own, which stay as they are, got `teacher.embedder`'],
  ['twoStreams', () => twoStreams({ ...path(), other: null as never }), '`other.trunk` to be an object with `call`, got undefined'],
  ['cascadedEmbeddings', () => cascadedEmbeddings({ ...path(), embeddingSizes: [2, 2], classifiers: layer(2, 3, 4) as never }), '`classifiers` to be a list, one a stage, got an object'],
  ['cascadedEmbeddings', () => cascadedEmbeddings({ ...path(), embeddingSizes: [2, 2], classifiers: [undefined, 3 as never] }), '`classifiers[1]` to be an object with `call`, got 3'],
])('%s names both modules that do not fit together: %#', (who, make, message) => {
  expect(make).toThrow(OptionError)
  expect(make).toThrow(`${who}: wanted ${message}`)
})

describe('trainWithClassifier', () => {
  it('classifies embeddings', () => {
    const [trunk, embedder, classifier] = [layer(3, 5, 1), layer(5, 4, 2), layer(4, 3, 3)]
    const scheme = trainWithClassifier({ trunk, embedder, classifier })
    const { embeddings, logits } = scheme.forward(batch, mode)
    expect(Object.keys(scheme.modules)).toEqual(['trunk', 'embedder', 'classifier'])
    expect(values(embeddings)).toEqual(values(embedder.call(trunk.call(batch.samples, mode), mode)))
    expect(values(logits)).toEqual(values(classifier.call(embeddings!, mode)))
    const bare = trainWithClassifier({ trunk, classifier: layer(5, 3, 4) })
    expect(bare.forward(batch, mode)['logits']!.shape).toEqual([6, 3])
  })
})

describe('twoViews', () => {
  it('embeds both views, row by row', () => {
    const [trunk, embedder] = [layer(3, 5, 1), layer(5, 4, 2)]
    const scheme = twoViews({ trunk, embedder })
    expect(scheme.views).toBe(2)
    const { embeddings, otherEmbeddings } = scheme.forward(batch, mode)
    for (const [got, view] of [[embeddings, batch.views[0]!], [otherEmbeddings, batch.views[1]!]] as const) {
      values(got).forEach((value, i) => expect(value).toBeCloseTo(values(embedder.call(trunk.call(view, mode), mode))[i]!, 5))
    }
  })
})

describe('cascadedEmbeddings', () => {
  const [trunk, embedder] = [layer(3, 5, 1), layer(5, 4, 2)]

  it('says that it wants a list of sizes', () => {
    const parts = { trunk: layer(3, 5, 1) } as unknown as Parameters<typeof cascadedEmbeddings>[0]
    expect(() => cascadedEmbeddings(parts)).toThrow('wanted `embeddingSizes` to be a list of numbers, one a stage, got undefined')
  })

  it('judges parts of an embedding, with a classifier of those that have one', () => {
    const classifier = layer(1, 3, 3)
    const scheme = cascadedEmbeddings({ trunk, embedder, embeddingSizes: [3, 1], classifiers: [undefined, classifier] })
    expect(Object.keys(scheme.modules)).toEqual(['trunk', 'embedder', 'classifier1'])
    const outputs = scheme.forward(batch, mode)
    expect(Object.keys(outputs)).toEqual(['embeddings', 'features', 'embeddings0', 'embeddings1', 'logits1'])
    const whole = (outputs['embeddings'] as tf.Tensor2D).arraySync()
    expect((outputs['embeddings0'] as tf.Tensor2D).arraySync()).toEqual(whole.map((row) => row.slice(0, 3)))
    expect((outputs['embeddings1'] as tf.Tensor2D).arraySync()).toEqual(whole.map((row) => row.slice(3)))
    expect(outputs['logits1']!.shape).toEqual([6, 3])
  })

  it.each([
    [{ embeddingSizes: [3, 2] }, 'add up to the 4 numbers of an embedding, got 3 + 2 = 5'],
    [{ embeddingSizes: [] }, 'got none = 0'],
    [{ embeddingSizes: [4.5, -0.5] }, '`embeddingSizes[0]` to be an integer'],
    [{ embeddingSizes: [3, 1], classifiers: [undefined] }, '2 `classifiers`, one a stage, got 1'],
    [{ embeddingSizes: [3, 1], classifiers: [new Embedder({ inputSize: 4, embeddingSize: 3 }), undefined] }, 'a classifier of 3 numbers for stage 0, got Embedder for 4'],
    [{ embeddingSizes: [4], sizes: [4] }, 'got `sizes`'],
  ])('refuses %#', (parts, message) => {
    expect(() => cascadedEmbeddings({ trunk, embedder, ...parts })).toThrow(message)
  })
})

describe('fineTuning', () => {
  it('has the trunk go by the statistics that it has, and the embedder learn', () => {
    const modes: boolean[] = []
    const spied = (module: Module): Module => ({
      name: module.name,
      parameters: module.parameters,
      buffers: module.buffers,
      outputSize: module.outputSize,
      call: (x, { training }) => {
        modes.push(training)
        return module.call(x, { training })
      },
      dispose: () => undefined,
    })
    const scheme = fineTuning({ trunk: spied(layer(3, 5, 1)), embedder: spied(layer(5, 4, 2)) })
    const { embeddings, features } = scheme.forward(batch, mode)
    expect(modes).toEqual([false, true])
    expect([embeddings!.shape, features!.shape]).toEqual([[6, 4], [6, 5]])
    const bare = fineTuning({ trunk: layer(3, 5, 1) }).forward(batch, mode)
    expect(bare['embeddings']).toBe(bare['features'])
  })
})

describe('twoStreams', () => {
  it('takes each stream through its own network, where there are two', () => {
    const [trunk, other] = [layer(3, 4, 1), { trunk: layer(3, 5, 2), embedder: layer(5, 4, 3) }]
    const scheme = twoStreams({ trunk, other })
    expect(Object.keys(scheme.modules)).toEqual(['trunk', 'otherTrunk', 'otherEmbedder'])
    const { embeddings, otherEmbeddings } = scheme.forward(batch, mode)
    expect(values(embeddings)).toEqual(values(trunk.call(batch.views[0]!, mode)))
    expect(values(otherEmbeddings)).toEqual(values(other.embedder.call(other.trunk.call(batch.views[1]!, mode), mode)))
    expect(() => twoStreams({ trunk, other: { trunk: other.trunk } })).toThrow('embeddings of 4 numbers from `other`, as from the first stream, got 5')
  })
})

describe('distillation', () => {
  it('says that it wants a teacher with a trunk', () => {
    const trunk = layer(3, 5, 1)
    for (const teacher of [undefined, trunk]) {
      expect(() => distillation({ trunk, teacher } as unknown as Parameters<typeof distillation>[0])).toThrow('wanted `teacher.trunk` to be an object with `call`')
    }
  })

  it('embeds with the teacher, of which nothing changes', () => {
    const [trunk, teacher] = [layer(3, 2, 1), { trunk: layer(3, 4, 2) }]
    const scheme = distillation({ trunk, teacher })
    expect(Object.keys(scheme.modules)).toEqual(['trunk'])
    const { embeddings, teacherEmbeddings } = scheme.forward(batch, mode)
    expect(values(embeddings)).toEqual(values(trunk.call(batch.samples, mode)))
    expect(values(teacherEmbeddings)).toEqual(values(teacher.trunk.call(batch.samples, { training: false })))
    expect(() => distillation({ trunk, teacher, student: trunk } as never)).toThrow('got `student`')
  })

  it('compares distances in units of their mean', () => {
    const [x, t] = [tf.randomNormal<tf.Rank.R2>([5, 2], 0, 1, 'float32', 3), tf.randomNormal<tf.Rank.R2>([5, 7], 0, 4, 'float32', 4)]
    const loss = relationalDistance()
    const against = (refEmbeddings: tf.Tensor2D) => values(loss.compute(x, undefined, { references: { refEmbeddings } }))[0]!
    const relative = (of: tf.Tensor2D) => {
      const rows = of.arraySync()
      const apart = rows.flatMap((a, i) => rows.flatMap((b, j) => (i === j ? [] : [Math.hypot(...a.map((one, d) => one - b[d]!))])))
      const mean = apart.reduce((sum, one) => sum + one, 0) / apart.length
      return apart.map((one) => one / mean)
    }
    const huber = (e: number) => (Math.abs(e) < 1 ? (e * e) / 2 : Math.abs(e) - 0.5)
    const [ours, theirs] = [relative(x), relative(t)]
    expect(against(t)).toBeCloseTo(ours.reduce((sum, one, i) => sum + huber(one - theirs[i]!), 0) / ours.length, 5)
    expect(against(tf.mul<tf.Tensor2D>(x, 3))).toBeCloseTo(0, 6)
    // One point, one sample: nothing to compare, and nothing that is no number.
    const gradient = tf.grad((of) => loss.compute(of as tf.Tensor2D, undefined, { references: { refEmbeddings: t } }))
    expect(values(gradient(tf.zeros([5, 2])))).toEqual(Array<number>(10).fill(0))
    expect(values(loss.compute(tf.zeros([1, 2]), undefined, { references: { refEmbeddings: tf.zeros([1, 3]) } }))).toEqual([0])
  })
})

describe('deepAdversarialMetricLearning', () => {
  const metric = { name: 'metric', loss: { name: 'none', parameters: new Map(), compute: (x: tf.Tensor) => tf.mul(tf.mean(x), 0) as tf.Scalar } }
  const make = (options: object = {}) =>
    deepAdversarialMetricLearning({ trunk: layer(3, 5, 1), embedder: layer(5, 4, 2), generator: layer(15, 5, 3), metric, tripletsPerAnchor: 3, ...options })

  it('has two updates, each of its own modules', () => {
    const scheme = make()
    expect(scheme.updates!.map(({ name, modules, objectives }) => [name, modules, objectives.map((objective) => objective.name)])).toEqual([
      ['generator', ['generator'], ['adversarial', 'hard', 'regular']],
      ['metric', ['trunk', 'embedder'], ['metric', 'synth']],
    ])
  })

  it('computes the losses of its docstring', () => {
    const scheme = make({ adversarialMargin: 0.3, synthMargin: 0.2 })
    const [generator, metricUpdate] = scheme.updates!
    const made = generator!.forward!(batch, mode)
    const rows = 3 * labels.length
    expect(made['synthetic']!.shape).toEqual([rows, 5])
    const value = (update: NonNullable<typeof generator>, name: string, outputs: typeof made): number => {
      const { loss, of, against } = update.objectives.find((objective) => objective.name === name)!
      return values(loss.compute(outputs[of!] as tf.Tensor2D, undefined, { references: { refEmbeddings: outputs[against!] as tf.Tensor2D } }))[0]!
    }
    const unit = (x: readonly number[]) => x.map((one) => one / Math.hypot(...x))
    const rowsOf = (tensor: tf.Tensor | undefined) => (tensor as tf.Tensor2D).arraySync()
    const meanSquare = (a: number[][], b: number[][]) =>
      a.flatMap((x, i) => unit(x).map((one, j) => (one - unit(b[i]!)[j]!) ** 2)).reduce((sum, one) => sum + one, 0) / (a.length * a[0]!.length)
    expect(value(generator!, 'hard', made)).toBeCloseTo(meanSquare(rowsOf(made['synthetic']), rowsOf(made['anchors'])), 5)
    expect(value(generator!, 'regular', made)).toBeCloseTo(meanSquare(rowsOf(made['synthetic']), rowsOf(made['negatives'])), 5)

    const hinges = (triplets: number[][], of: (ap: number, an: number) => number) => {
      const between = (a: number[], b: number[]) => Math.hypot(...unit(a).map((one, j) => one - unit(b)[j]!))
      const all = Array.from({ length: rows }, (_, i) => Math.max(0, of(between(triplets[i]!, triplets[rows + i]!), between(triplets[i]!, triplets[2 * rows + i]!))))
      const above = all.filter((one) => one > 0)
      return above.reduce((sum, one) => sum + one, 0) / Math.max(1, above.length)
    }
    expect(value(generator!, 'adversarial', made)).toBeCloseTo(hinges(rowsOf(made['triplets']), (ap, an) => an - ap + 0.3), 5)
    const judged = metricUpdate!.forward!(batch, mode)
    expect(value(metricUpdate!, 'synth', judged)).toBeCloseTo(hinges(rowsOf(judged['triplets']), (ap, an) => ap - an + 0.2), 5)
  })

  it.each([['synthMargin', 1, 'synth'], ['adversarialMargin', 0, 'adversarial']])('takes %s as it changes', (option, update, name) => {
    const margin = new Scheduled(0.2, option)
    const scheme = make({ [option]: margin })
    // There a run finds it to save and to log.
    expect([...reachableFields({ scheme })].filter(({ value }) => value === margin)).toHaveLength(1)
    const { objectives, forward } = scheme.updates![update]!
    const { loss, of, against } = objectives.find((objective) => objective.name === name)!
    const outputs = forward!(batch, mode)
    const value = () => values(loss.compute(outputs[of!] as tf.Tensor2D, undefined, { references: { refEmbeddings: outputs[against!] as tf.Tensor2D } }))[0]!
    margin.value = 4
    const before = value()
    margin.value = 5
    // Where every triplet is within the margin, so that the mean goes up with it.
    expect(value() - before).toBeCloseTo(1, 5)
    margin.dispose()
  })

  it('has three phases, each with its own update, and a warm-up', () => {
    const classifier = layer(4, 3, 4)
    const classes = { name: 'classes', loss: metric.loss, of: 'logits' }
    const scheme = make({ metricAloneEpochs: 2, generatorAloneEpochs: 1, classifier, metric: [metric, classes] })
    const activeIn = (epoch: number) => scheme.updates!.filter(({ isActive }) => isActive!(epoch)).map(({ name, modules, objectives }) => [name, modules, objectives.map((one) => one.name)])
    const learning = ['trunk', 'embedder', 'classifier']
    expect(activeIn(1)).toEqual([['metricAlone', learning, ['metric', 'classes']]])
    expect(activeIn(2)).toEqual(activeIn(1))
    expect(activeIn(3)).toEqual([['generatorAlone', ['generator'], ['adversarial', 'hard', 'regular']]])
    expect(activeIn(4)).toEqual([['generator', ['generator'], ['adversarial', 'hard', 'regular']], ['metric', learning, ['metric', 'classes', 'synth']]])
    expect([scheme.metricAloneEpochs, scheme.generatorAloneEpochs]).toEqual([2, 1])
    expect(scheme.forward(batch, mode)['logits']!.shape).toEqual([6, 3])
    expect(scheme.updates!.at(-1)!.forward!(batch, mode)['logits']!.shape).toEqual([6, 3])
    // Neither phase costs an update where there is none of its epochs.
    expect(make().updates!.map(({ name }) => name)).toEqual(['generator', 'metric'])
  })

  it('sees the trunk in inference mode while the generator trains alone', () => {
    const modes: boolean[] = []
    const trunk = layer(3, 5, 1)
    const spied: Module = { ...trunk, parameters: trunk.parameters, buffers: trunk.buffers, outputSize: 5, call: (x, { training }) => (modes.push(training), trunk.call(x, { training })), dispose: () => undefined }
    const [alone, both] = make({ trunk: spied, generatorAloneEpochs: 1 }).updates!
    alone!.forward!(batch, mode)
    both!.forward!(batch, mode)
    expect(modes).toEqual([false, true])
  })

  it('leaves triplets out that the labels do not allow', () => {
    const relations = relationsOf([0, 0, 1, 2, 3, 4])
    const scheme = make()
    const { allowed } = scheme.updates![0]!.forward!({ ...batch, relations: () => relations }, mode)
    expect(values(allowed)).toEqual([1, 1, 1, 1, 1, 1, ...Array<number>(12).fill(0)])
  })

  it.each([
    [{ tripletsPerAnchor: 0 }, '`tripletsPerAnchor` to be an integer of at least 1'],
    [{ synthMargin: NaN }, '`synthMargin`'],
    [{ weights: { hrad: 1 } }, 'got `hrad`'],
    [{ margin: 1 }, 'got `margin`'],
    [{ metricAloneEpochs: -1 }, '`metricAloneEpochs`'],
    [{ generatorAloneEpochs: 0.5 }, '`generatorAloneEpochs`'],
    [{ classifier: {} }, 'wanted `classifier` to be an object with `call`'],
    [{ metric: [metric, {}] }, 'wanted `metric.loss`'],
  ])('refuses %j', (options, message) => {
    expect(() => make(options)).toThrow(message)
  })
})

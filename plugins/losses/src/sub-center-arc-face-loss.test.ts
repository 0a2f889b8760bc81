import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { expectClose, toMatrix, toTensor, readGolden } from '@metric-learning/golden'
import { ArcFaceLoss } from './arc-face-loss.js'
import { SubCenterArcFaceLoss } from './sub-center-arc-face-loss.js'

const x = tf.tensor2d([[3, 1], [3, -1], [-1, 5], [1, 9], [2, 1]])
const labels = [0, 0, 1, 1, 1]

describe('SubCenterArcFaceLoss', () => {
  it('is ArcFaceLoss with one centre', () => {
    const one = new SubCenterArcFaceLoss({ numClasses: 2, embeddingSize: 2, subCenters: 1 })
    expect(one.compute(x, labels).arraySync()).toBe(new ArcFaceLoss({ numClasses: 2, embeddingSize: 2 }).compute(x, labels).arraySync())
  })

  it('goes by the nearest centre of a class', () => {
    const loss = new SubCenterArcFaceLoss({ numClasses: 1, embeddingSize: 2, subCenters: 2, scale: 1 })
    loss.parameters.get('W')!.assign(tf.tensor2d([[1, 0], [0, 1]]))
    const cosines = loss.getLogits(tf.tensor2d([[3, 4], [1, 0]])).dataSync()
    ;[0.8, 1].forEach((cosine, i) => expect(cosines[i]).toBeCloseTo(cosine, 6))
  })

  it('finds outliers from the centre of most of a class, and a centre for a class without samples', async () => {
    const loss = new SubCenterArcFaceLoss({ numClasses: 3, embeddingSize: 2, subCenters: 2 })
    loss.parameters.get('W')!.assign(tf.tensor2d([[0, 1, 1, 0, 8, 0], [1, 0, 0, 2, 0, 8]]))
    const before = tf.memory().numTensors
    const { outliers, dominantCenters } = await loss.getOutliers(x, labels, { threshold: 60 })
    expect(Array.from(outliers)).toEqual([4])
    expect(dominantCenters.arraySync()).toEqual([[1, 0, 8], [0, 2, 0]])
    dominantCenters.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })

  for (const of of readGolden('losses').filter(({ expected }) => expected.outliers)) {
    it(`finds the outliers that PyTorch Metric Learning finds: ${of.id}`, async () => {
      const [numClasses, embeddingSize] = [of.args.num_classes as number, of.args.embedding_size as number]
      const loss = new SubCenterArcFaceLoss({ numClasses, embeddingSize })
      loss.parameters.get('W')!.assign(toTensor((of.inputs.weights as Record<string, unknown>).W))
      const found = await loss.getOutliers(toMatrix(of.inputs.embeddings), of.inputs.labels as number[], { threshold: 70 })
      expect(Array.from(found.outliers)).toEqual(of.expected.outliers)
      expectClose('dominant centres', found.dominantCenters, of.expected.dominant_centers, of, 'value')
    })
  }

  it('says what is wrong', async () => {
    const loss = new SubCenterArcFaceLoss({ numClasses: 2, embeddingSize: 2 })
    await expect(loss.getOutliers(x, [0, 1, 2, 0, 0])).rejects.toThrow('labels in [0, numClasses) = [0, 2), got 2')
    await expect(loss.getOutliers(x, [0, 1])).rejects.toThrow('`embeddings` of shape [2, 2], got [5, 2]')
    expect(() => new SubCenterArcFaceLoss({ numClasses: 2, embeddingSize: 2, subCenters: 0 })).toThrow('`subCenters`')
  })
})

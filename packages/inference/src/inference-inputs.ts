import * as tf from '@tensorflow/tfjs-core'
import { describeValue, isTensor, ShapeError, type Dataset, type LoadedSamples } from '@metric-learning/contracts'
import { expectSamples, uploadSamples } from '@metric-learning/ops'

/**
 * What can be embedded:
 * - a tensor [n, ...sample]: float32 as the trunk takes it, or int32 for pixels, 0 to 255;
 * - a list of tensors, a sample each;
 * - samples on the host, such as `decodeSample` of `@metric-learning/datasets` makes of the bytes of an image file;
 * - a data set: all its rows.
 */
export type InferenceInputs = tf.Tensor | readonly tf.Tensor[] | LoadedSamples | Dataset

const WHO = 'InferenceModel'

export const isDataset = (inputs: InferenceInputs): inputs is Dataset => typeof (inputs as Partial<Dataset> | undefined)?.load === 'function'

/** Samples of inputs, from what is told without loading; those that are nothing of the kind are refused when they are embedded. */
export function countOf(inputs: InferenceInputs): number {
  if (isDataset(inputs)) return inputs.labels.length
  if (Array.isArray(inputs)) return inputs.length
  return (inputs as Partial<tf.Tensor | LoadedSamples> | undefined)?.shape?.[0] ?? 0
}

/** A tensor of one's own: int32 for pixels, or float32. */
export function samplesOf(inputs: Exclude<InferenceInputs, Dataset>): tf.Tensor {
  if (Array.isArray(inputs)) return stacked(inputs as readonly tf.Tensor[])
  if (isTensor(inputs)) return expectBatch(inputs)
  const samples = inputs as LoadedSamples | null | undefined
  if (typeof samples !== 'object' || samples === null || !('values' in samples) || !Array.isArray(samples.shape)) {
    throw new ShapeError({ who: WHO, wanted: 'a tensor, a list of them, loaded samples or a data set', got: describeValue(inputs), fix: 'Pass one, such as `tf.tensor4d(images)`.' })
  }
  expectSamples(WHO, samples, samples.shape[0] as number)
  if (samples.values.length === 0) throw noSamples(`values of shape [${samples.shape.join(', ')}]`)
  return uploadSamples(samples)
}

function stacked(list: readonly tf.Tensor[]): tf.Tensor {
  const [first] = list
  if (first === undefined) throw noSamples('an empty list')
  const odd = list.find((one) => !isTensor(one) || one.isDisposed || one.dtype !== first.dtype || one.shape.join() !== first.shape.join())
  if (odd !== undefined) {
    const got = isTensor(odd) ? (odd.isDisposed ? 'one that was disposed' : `${odd.dtype} of [${odd.shape.join(', ')}] beside ${first.dtype} of [${first.shape.join(', ')}]`) : describeValue(odd)
    throw new ShapeError({ who: WHO, wanted: 'a list of tensors of one shape and type, a sample each', got, fix: 'Pass such ones, or one tensor of all samples.' })
  }
  const batch = tf.stack([...list], 0)
  try {
    return expectBatch(batch)
  } finally {
    batch.dispose()
  }
}

/** A tensor of the same values, which outlives the caller's. */
function expectBatch(samples: tf.Tensor): tf.Tensor {
  if (samples.isDisposed) throw new ShapeError({ who: WHO, wanted: 'a tensor', got: 'one that was disposed', fix: 'Call this before the tensor is freed, or `tf.keep` it.' })
  if (samples.rank < 2 || samples.size === 0) throw noSamples(`a tensor of shape [${samples.shape.join(', ')}]`)
  if (samples.dtype !== 'float32' && samples.dtype !== 'int32') {
    throw new ShapeError({ who: WHO, wanted: 'float32, or int32 for pixels', got: samples.dtype, fix: "Convert it, as with `tf.cast(x, 'float32')`." })
  }
  return tf.clone(samples)
}

/** What is said where there is nothing to embed. */
export const noSamples = (got: string): ShapeError =>
  new ShapeError({ who: WHO, wanted: 'at least one sample, [n, ...sample]', got, fix: 'Samples are the first axis of a tensor: `tf.expandDims(image, 0)` is a batch of one.' })

import { writeFileSync } from 'node:fs'
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import writeFileAtomic from 'write-file-atomic'
import { cannotWrite, isMetricLearningError, OptionError } from '@metric-learning/contracts'
import { encodeSavedModel, shapeMessage, type NodeMessage } from '../compile/graph-messages.js'
import type { RecordedGraph } from '../compile/recorded-graph.js'
import { DATA_TYPE } from '../native/data-types.js'

/** A tensor that an exported model takes or gives. */
export interface ModelTensor {
  /** Name by which callers pass or find it. */
  readonly name: string
  /** A free extent is -1. */
  readonly shape: readonly number[]
  readonly dtype: 'float32' | 'int32'
}

/** How an exported model is called. */
export interface WrittenModel {
  readonly input: ModelTensor
  readonly output: ModelTensor
  /** Operations of its graph, constants among them. */
  readonly operations: number
}

/** The one file of a SavedModel without variables. */
const fileName = 'saved_model.pb'

/** Writes a graph of one input and one output and without variables as a SavedModel with the signature `serving_default`. */
export async function writeSavedModel(
  { nodes, inputs, outputs, outputTypes }: RecordedGraph,
  folder: string,
  { inputShape, outputShape }: { readonly inputShape: readonly number[]; readonly outputShape: readonly number[] },
): Promise<WrittenModel> {
  const inputType = nodes.find(({ name }) => name === inputs[0])!.attr['dtype']!.type!
  const outputType = outputTypes[0]!
  const result: NodeMessage = { name: 'embeddings', op: 'Identity', input: [outputs[0]!], attr: { T: { type: outputType } } }
  const model = encodeSavedModel([...nodes, result], {
    serving_default: {
      inputs: { samples: { name: `${inputs[0]!}:0`, dtype: inputType, tensor_shape: shapeMessage(inputShape) } },
      outputs: { embeddings: { name: 'embeddings:0', dtype: outputType, tensor_shape: shapeMessage(outputShape) } },
      method_name: 'tensorflow/serving/predict',
    },
  })
  const path = join(folder, fileName)
  try {
    await expectOwnFolder(folder)
    // Node writes all of it or fails; the library's own write takes what a disk that fills had room for as the whole.
    await writeFileAtomic(path, '', { tmpfileCreated: (temporary) => writeFileSync(temporary, model) })
  } catch (cause) {
    throw isMetricLearningError(cause) ? cause : cannotWrite('exportSavedModel', path, cause)
  }
  const tensor = (name: string, shape: readonly number[], type: number): ModelTensor => ({
    name,
    shape,
    dtype: type === DATA_TYPE.int32 ? 'int32' : 'float32',
  })
  return {
    input: tensor('samples', inputShape, inputType),
    output: tensor('embeddings', outputShape, outputType),
    operations: nodes.length + 1,
  }
}

/** A SavedModel is its folder: what else lies there, such as the variables of another one, would be taken for its own. */
async function expectOwnFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  const other = (await readdir(folder)).find((entry) => !entry.startsWith(fileName))
  if (other === undefined) return
  throw new OptionError({
    who: 'exportSavedModel',
    wanted: 'a folder of its own',
    got: `${folder}, which holds ${other}`,
    fix: 'Pass a new folder.',
  })
}

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { decodeSafetensors, type Safetensors } from '@metric-learning/models'
import { isMetricLearningError } from '@metric-learning/contracts'
import { mutatedSafetensors } from '../../../../tools/test-support/mutated-safetensors.js'

const SEED = 0
const COUNT = 10_000

/** Writes the files that are judged into one, each behind its length (uint32, little endian). */
export async function writeMutants(folder: string): Promise<void> {
  const parts = [...mutatedSafetensors(SEED, COUNT)].flatMap((bytes) => {
    const length = Buffer.alloc(4)
    length.writeUInt32LE(bytes.length)
    return [length, bytes]
  })
  writeFileSync(join(folder, 'mutants.bin'), Buffer.concat(parts))
  writeFileSync(join(folder, 'seed.json'), JSON.stringify({ seed: SEED, count: COUNT }))
}

/** A tensor as the reference read it: type, shape, and bytes in hexadecimal. */
type Tensor = readonly [dtype: string, shape: readonly number[], hex: string]

/** Compares with what judge.py made of them, one line each: the tensors by name, or why there are none. */
export async function compareVerdicts(folder: string): Promise<void> {
  const lines = readFileSync(join(folder, 'verdicts.jsonl'), 'utf8').trimEnd().split('\n')
  let [both, ours, theirs] = [0, 0, 0]
  for (const [i, bytes] of [...mutatedSafetensors(SEED, COUNT)].entries()) {
    const verdict = JSON.parse(lines[i]!) as { tensors?: Readonly<Record<string, Tensor>>; refused?: string }
    const read = attempt(bytes)
    if (typeof read !== 'string' && !verdict.tensors) {
      ours++
      fail(`file ${i} is taken, and the reference refuses it: ${verdict.refused}`)
    } else if (typeof read === 'string' && verdict.tensors) {
      theirs++
      if (!isKnown(read)) fail(`file ${i} is refused (${read}), and the reference takes it`)
    } else if (typeof read !== 'string') {
      both++
      compareTensors(i, read, verdict.tensors!)
    }
  }
  const refused = COUNT - both - ours - theirs
  process.stdout.write(`${COUNT} files: both take ${both}, both refuse ${refused}, only the reference takes ${theirs}, only we take ${ours}\n`)
}

/** What we refuse on purpose: names given twice, lists in place of entries, and types that are no type of ours. */
const isKnown = (message: string) => / twice\. | a list in place of | wanted numbers of type /.test(message)

/** What a file holds, or why it is refused; any other error is a crash. */
function attempt(bytes: Uint8Array): Safetensors | string {
  try {
    return decodeSafetensors('file', bytes)
  } catch (error) {
    if (isMetricLearningError(error) && error.code === 'ML_DATA') return error.message
    throw error
  }
}

function compareTensors(i: number, { tensors }: Safetensors, wanted: Readonly<Record<string, Tensor>>): void {
  if ([...tensors.keys()].sort().join('\n') !== Object.keys(wanted).sort().join('\n')) fail(`file ${i} has other names: ${[...tensors.keys()].join()}`)
  for (const [name, { shape, values }] of tensors) {
    const [dtype, wantedShape, hex] = wanted[name] ?? ['', [], '']
    const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('hex')
    const isSame = !['F32', 'I32', 'BOOL', 'U8'].includes(dtype) || bytes === hex
    if (shape.join() !== wantedShape.join() || !isSame) fail(`tensor "${name}" of file ${i} differs`)
  }
}

function fail(message: string): void {
  process.exitCode = 1
  process.stdout.write(`${message}\n`)
}

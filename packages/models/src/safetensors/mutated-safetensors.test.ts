import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { DataError } from '@metric-learning/contracts'
import { describe, expect, it } from 'vitest'
import { mutatedSafetensors } from '../../../../tools/test-support/mutated-safetensors.js'
import { openSafetensors } from './safetensors-file.js'
import { decodeSafetensors } from './safetensors.js'

/** Made by `npm run check:safetensors -- FOLDER`. */
const reference = JSON.parse(readFileSync(new URL('../../fixtures/mutated-safetensors.json', import.meta.url), 'utf8')) as {
  readonly seed: number
  readonly count: number
  /** Of all files, one behind the other. */
  readonly sha256: string
  /** Which of them the reference implementation takes. */
  readonly taken: readonly number[]
}

/** Why a file is refused; `undefined` where it is taken. Any other error is a crash. */
function refusal(bytes: Uint8Array, read: (who: string, bytes: Uint8Array) => unknown): string | undefined {
  try {
    read('file', bytes)
    return undefined
  } catch (error) {
    if (error instanceof DataError) return error.message
    throw error
  }
}

describe('10,000 mutated safetensors files', () => {
  const files = [...mutatedSafetensors(reference.seed, reference.count)]

  it('are those that the reference has judged', () => {
    const digest = createHash('sha256')
    for (const bytes of files) digest.update(bytes)
    expect(digest.digest('hex')).toBe(reference.sha256)
  })

  it('are taken or refused by a DataError, and none is taken that the reference refuses', () => {
    const taken = files.flatMap((bytes, i) => (refusal(bytes, openSafetensors) === undefined ? i : []))
    expect(taken.filter((i) => !reference.taken.includes(i))).toEqual([])
    const refused = reference.taken.filter((i) => !taken.includes(i))
    expect(refused.map((i) => refusal(files[i]!, openSafetensors)!).filter((message) => !/ twice\. | a list in place of /.test(message))).toEqual([])
    expect(taken.length).toBeGreaterThan(reference.count / 10)
  })

  it('are read where all of their types are', () => {
    const messages = files.flatMap((bytes) => (refusal(bytes, openSafetensors) === undefined ? refusal(bytes, decodeSafetensors) ?? [] : []))
    expect(messages.filter((message) => !message.includes('wanted numbers of type F32'))).toEqual([])
  })
})

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { DataError } from '@metric-learning/contracts'
import { beforeEach, describe, expect, it } from 'vitest'
import { sampleEmbeddings, sampleRun } from '../record/sample-run.fixture.js'
import { writeRecord } from '../record/write-record.js'
import { readSavedRuns } from './read-saved-runs.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'saved-runs-'))
  return () => rmSync(folder, { recursive: true })
})

function save(path: string, content: unknown): string {
  const file = join(folder, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
  return file
}

const run = sampleRun('Triplet', undefined, { embeddings: sampleEmbeddings(), scalars: { 'rate/trunk': [{ step: 1, epoch: 0.1, value: 0.5 }] } })

describe('readSavedRuns', () => {
  it('reads what a recorder wrote, with numbers that JSON does not have', async () => {
    const file = join(folder, 'record.json')
    const odd = { ...run, losses: [{ step: 1, epoch: 0.1, loss: NaN }, { step: 2, epoch: 0.2, loss: Infinity }] }
    await writeRecord(file, odd)
    expect(readSavedRuns([file])).toEqual([{ record: odd, file }])
    expect(readSavedRuns([save('plain.json', odd)])[0]!.record.losses).toEqual([{ step: 1, epoch: 0.1, loss: NaN }, { step: 2, epoch: 0.2, loss: NaN }])
  })

  it('reads results of the quickstart with their options, and lists of records', () => {
    const options = { epochs: 5, losses: ['triplet', 'arcface'], seed: 3, nested: { a: 1 } }
    const results = save('results.json', { options, backend: { name: 'cpu' }, runs: [run, { ...run, name: 'ArcFace' }] })
    const read = readSavedRuns([results])
    expect(read.map(({ record, options: own }) => [record.name, own])).toEqual([
      ['Triplet', { epochs: 5, losses: 'triplet, arcface', seed: 3 }],
      ['ArcFace', { epochs: 5, losses: 'triplet, arcface', seed: 3 }],
    ])
    expect(readSavedRuns([save('list.json', [run])])[0]).not.toHaveProperty('options')
  })

  it('finds runs at any depth, each file once, not below a run', () => {
    for (const path of ['b/results.json', 'b/triplet/record.json', 'a/10/record.json', 'a/9/record.json', 'a/9/other.json']) save(path, run)
    const files = readSavedRuns([folder, join(folder, 'b')]).map(({ file }) => file.slice(folder.length + 1))
    expect(files).toEqual(['a/9/record.json', 'a/10/record.json', 'b/results.json'])
  })

  it('says what is wrong with a file, and where in it', () => {
    const refused = (content: unknown, reason: string) => {
      const file = save('record.json', content)
      expect(() => readSavedRuns([file])).toThrow(DataError)
      expect(() => readSavedRuns([file])).toThrow(reason)
      expect(() => readSavedRuns([file])).toThrow(file)
    }
    refused('{"name"', 'JSON')
    refused('null', 'it is null, not an object')
    refused({ ...run, name: 3 }, '`name` is 3, not a text')
    refused({ runs: [run, { ...run, epochs: [{ ...run.epochs[0], steps: 'ten' }] }] }, '`epochs[0].steps` is "ten", not a number')
    refused({ ...run, evaluations: [{ ...run.evaluations[0], metrics: { val: 3 } }] }, '`evaluations[0].metrics.val` is 3, not an object')
    refused({ ...run, embeddings: { ...sampleEmbeddings(), trained: [1, 2, 3] } }, '`embeddings.trained` has 3 numbers, not the 48 of')
    refused({ ...run, result: 'first' }, "not 'last' or 'best'")
  })

  it('says that nothing is there', () => {
    expect(() => readSavedRuns([join(folder, 'nowhere')])).toThrow('nowhere, which is not there')
    expect(() => readSavedRuns([folder])).toThrow(`none in ${folder}`)
  })
})

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
    expect(readSavedRuns([file])).toEqual({ runs: [{ record: odd, file }], leftOut: [] })
    expect(readSavedRuns([save('plain.json', odd)]).runs[0]!.record.losses).toEqual([{ step: 1, epoch: 0.1, loss: NaN }, { step: 2, epoch: 0.2, loss: NaN }])
  })

  it('reads results of the quickstart with their options, and lists of records', () => {
    const options = { epochs: 5, losses: ['triplet', 'arcface'], seed: 3, nested: { a: 1 } }
    const results = save('results.json', { options, backend: { name: 'cpu' }, runs: [run, { ...run, name: 'ArcFace' }] })
    const read = readSavedRuns([results]).runs
    expect(read.map(({ record, options: own }) => [record.name, own])).toEqual([
      ['Triplet', { epochs: 5, losses: 'triplet, arcface', seed: 3 }],
      ['ArcFace', { epochs: 5, losses: 'triplet, arcface', seed: 3 }],
    ])
    expect(readSavedRuns([save('list.json', [run])]).runs[0]).not.toHaveProperty('options')
  })

  it('finds runs at any depth, each file once, not below a run', () => {
    for (const path of ['b/results.json', 'b/triplet/record.json', 'a/10/record.json', 'a/9/record.json', 'a/9/other.json']) save(path, run)
    const files = readSavedRuns([folder, join(folder, 'b')]).runs.map(({ file }) => file.slice(folder.length + 1))
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
    refused({ ...run, epochs: [{ ...run.epochs[0], steps: 'ten' }] }, '`epochs[0].steps` is "ten", not a number')
    refused({ runs: [{ ...run, name: 3 }] }, 'runs[0]: `name` is 3')
    refused([null, {}], `2 that are none: ${join(folder, 'record.json')} ([0]: it is null, not an object), ${join(folder, 'record.json')} ([1]: \`name\` is undefined`)
    refused({ ...run, evaluations: [{ ...run.evaluations[0], metrics: { val: 3 } }] }, '`evaluations[0].metrics.val` is 3, not an object')
    refused({ ...run, embeddings: { ...sampleEmbeddings(), trained: [1, 2, 3] } }, '`embeddings.trained` has 3 numbers, not the 48 of')
    refused({ ...run, result: 'first' }, "not 'last' or 'best'")
  })

  it('leaves out what is no run, in files and in lists, and names it', () => {
    save('a/record.json', run)
    const cut = save('b/record.json', JSON.stringify(run).slice(0, 99))
    const mixed = save('c/results.json', { runs: [{ ...run, embeddings: { ...sampleEmbeddings(), labels: [] } }, { ...run, name: 'ArcFace' }] })
    const { runs, leftOut } = readSavedRuns([folder])
    expect(runs.map(({ record }) => record.name)).toEqual(['Triplet', 'ArcFace'])
    expect(leftOut.map(({ parts }) => [parts.where, parts.got])).toEqual([
      [cut, expect.stringContaining('JSON')],
      [mixed, 'runs[0]: `embeddings.labels` has 0 labels for the 24 `rows`'],
    ])
    expect(() => readSavedRuns([join(folder, 'a'), join(folder, 'nowhere')])).toThrow('nowhere, which is not there')
  })

  it('says that nothing is there', () => {
    expect(() => readSavedRuns([join(folder, 'nowhere')])).toThrow('nowhere, which is not there')
    expect(() => readSavedRuns([folder])).toThrow(`none in ${folder}`)
  })
})

import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DataError } from '@metric-learning/contracts'
import { expect, it, onTestFinished } from 'vitest'
import { savedExperiment } from './experiment-folder.js'
import { readResults, writeResults, type ExperimentResults } from './results.js'
import { finishedResult } from './train-run.js'

const results: ExperimentResults = {
  rows: [0, 1].map((seed) => ({ method: 'A', seed, view: 'run', metrics: { precisionAt1: 0.5 } })),
  metrics: { precisionAt1: { label: 'P@1', title: '', meaning: '', better: 'larger', inPercent: true } },
}

async function written(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'results-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  await writeResults(folder, results)
  return folder
}

it('are read as they were written', async () => {
  const folder = await written()
  expect(readResults(folder)).toEqual(results)
  appendFileSync(join(folder, 'results.jsonl'), '\n')
  expect(readResults(folder)).toEqual(results)
})

it('are refused where a line was cut off, by its number, with what to do', async () => {
  const folder = await written()
  const file = join(folder, 'results.jsonl')
  writeFileSync(file, readFileSync(file, 'utf8').slice(0, -20))
  expect(() => readResults(folder)).toThrow(DataError)
  expect(() => readResults(folder)).toThrow(/wanted whole JSON in .*results\.jsonl, line 2, got .*Delete .*results\.jsonl and go on with the experiment/)
})

it('are refused where another file was cut off', async () => {
  const folder = await written()
  writeFileSync(join(folder, 'metrics.json'), '{ "precisionAt1": ')
  expect(() => readResults(folder)).toThrow(/whole JSON in .*metrics\.json/)
  writeFileSync(join(folder, 'result.json'), '')
  expect(() => finishedResult(folder)).toThrow(/whole JSON in .*result\.json.*Delete the file/)
  writeFileSync(join(folder, 'experiment.json'), '{')
  expect(() => savedExperiment(folder)).toThrow(/whole JSON in .*experiment\.json.*Begin the experiment in another folder/)
})

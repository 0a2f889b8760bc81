import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeDataset } from '@metric-learning/plugin-testkit'
import { afterAll, expect, it } from 'vitest'
import { csvVectors } from './csv-vectors.js'

const folder = mkdtempSync(join(tmpdir(), 'csv-vectors-'))
afterAll(() => rmSync(folder, { recursive: true }))
let count = 0
function written(text: string): string {
  const file = join(folder, `${++count}.csv`)
  writeFileSync(file, text)
  return file
}
const flowers = () => written('rose,1,2\ntulip,3,4.5\nrose,-1,1e-3\ntulip,7,8\n')

describeDataset('csvVectors', { create: () => csvVectors({ file: flowers() }) })

it('has the samples of the file', async () => {
  const set = await csvVectors({ file: flowers() })
  expect([set.labels, set.classNames, set.sampleShape]).toEqual([Int32Array.of(0, 1, 0, 1), ['rose', 'tulip'], [2]])
  expect((await set.load(Int32Array.of(2, 1))).values).toEqual(Float32Array.of(-1, 1e-3, 3, 4.5))
})

it.each([
  ['an empty file', '', 'a class and 1 values in line 1'],
  ['a line with a value too few', 'a,1,2\nb,3\n', 'a class and 2 values in line 2'],
  ['a header', 'class,x\na,1\n', 'numbers in line 1'],
  ['a value that is missing', 'a,1,\n', 'numbers in line 1'],
])('refuses %s', async (_, text, wanted) => {
  await expect(csvVectors({ file: written(text) })).rejects.toThrow(wanted)
})

it('refuses a file that is not there, and options that it does not know', async () => {
  await expect(csvVectors({ file: join(folder, 'none.csv') })).rejects.toMatchObject({ code: 'ML_DATA' })
  await expect(csvVectors({ path: 'a.csv' } as never)).rejects.toThrow('`path`')
})

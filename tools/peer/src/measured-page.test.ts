import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, expect, it } from 'vitest'
import { MeasuredPage, type MeasuredPageOptions } from './measured-page.js'

const folder = mkdtempSync(join(tmpdir(), 'measured-page-'))
const file = join(folder, 'docs/page.md')
beforeEach(() => rmSync(join(folder, 'docs'), { recursive: true, force: true }))
afterAll(() => rmSync(folder, { recursive: true }))

const page = (options: Partial<MeasuredPageOptions> = {}) =>
  new MeasuredPage({
    file,
    before: ['# Speed'],
    columns: ['net', 'n', 'ms'],
    keys: 2,
    rank: ([net, n]) => [['small', 'large'].indexOf(net!), Number(n)],
    circumstances: 'Machine: this.',
    after: ['', 'Made by `make`.'],
    ...options,
  })

it('is written with each row, in the order of the table', () => {
  const first = page()
  first.put(['large', '1', '30'])
  expect(readFileSync(file, 'utf8')).toBe(
    ['# Speed', '', '| net | n | ms |', '| --- | --- | ---: |', '| large | 1 | 30 |', '', 'Machine: this.', '', 'Made by `make`.', ''].join('\n'),
  )
  first.put(['small', '1', '10'])
  expect(readFileSync(file, 'utf8')).toContain('| small | 1 | 10 |\n| large | 1 | 30 |\n')
})

it('keeps rows of earlier runs until they are measured again', () => {
  const first = page()
  first.put(['small', '1', '10'])
  first.put(['large', '1', '30'])
  const second = page()
  expect(second.count).toBe(2)
  expect(second.outlook).toContain('keeps 2 rows of earlier runs')
  second.put(['large', '1', '31'])
  second.put(['small', '2', '20'])
  expect(readFileSync(file, 'utf8')).toContain('| small | 1 | 10 |\n| small | 2 | 20 |\n| large | 1 | 31 |\n\n')
})

it('keeps nothing of another machine, of other columns, or what is measured no more', () => {
  page().put(['small', '1', '10'])
  expect(page({ circumstances: 'Machine: another.' }).count).toBe(0)
  expect(page({ circumstances: 'Machine: another.' }).outlook).toContain('begins anew')
  expect(page({ columns: ['net', 'n', 'µs'] }).count).toBe(0)
  const fewer = page({ rank: ([net, n]) => [['large'].indexOf(net!), Number(n)] })
  fewer.put(['large', '1', '5'])
  expect(readFileSync(file, 'utf8')).not.toContain('small')
})

it('starts with a page that is something else', () => {
  page().put(['small', '1', '10'])
  writeFileSync(file, 'Hello')
  expect(page().count).toBe(0)
})

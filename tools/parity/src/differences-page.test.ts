import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const page = readFileSync(`${root}docs/differences-from-pml.md`, 'utf8')
const rows = page.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| PML |'))

/** What quotes of a title may hide behind in source. */
const plain = (text: string) => text.replaceAll('\\', '')

describe('docs/differences-from-pml.md', () => {
  it.each(rows.map((row) => [row.split('|')[1]!.trim().slice(0, 80), row]))('names a test that is there: %s', (_title, row) => {
    const [, file, title] = /`([^`]+)` › (.+) \|$/.exec(row)!
    expect(existsSync(root + file!), file).toBe(true)
    expect(plain(readFileSync(root + file!, 'utf8'))).toContain(title!.replaceAll('`', ''))
  })
})

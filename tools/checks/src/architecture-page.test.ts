import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const root = new URL('../../../', import.meta.url)
const page = readFileSync(new URL('docs/architecture.md', root), 'utf8')

/** The text of a section, without those below it. */
const section = (title: string): string => page.split(/^## /m).find((text) => text.startsWith(`${title}\n`))!

/** Folders that the list of rooms names below one of its own: `losses/` below `plugins/`. */
function named(kind: string): readonly string[] {
  const list = /^```\n(.*?)^```/ms.exec(section('Rooms'))![1]!
  const lines = list.split('\n')
  const first = lines.findIndex((line) => line.startsWith(`${kind}/`))
  const end = lines.findIndex((line, i) => i > first && /^\S/.test(line))
  // A line that goes deeper continues the words of the one above.
  return lines.slice(first + 1, end).filter((line) => /^ {2}\S/.test(line)).flatMap((line) => [...line.matchAll(/(?<= {2})([\w-]+)\//g)].map(([, name]) => name!))
}

const folders = (kind: string): readonly string[] =>
  readdirSync(new URL(kind, root)).filter((name) => readdirSync(new URL(`${kind}/${name}`, root)).includes('package.json'))

describe('docs/architecture.md', () => {
  it.each(['packages', 'plugins'])('names each room of %s, and no other', (kind) => {
    expect([...named(kind)].sort()).toEqual([...folders(kind)].sort())
  })

  it('says of each tag of the linter what it may import, and of no other', () => {
    const rules = /^const rooms = \{\n(.*?)^\}/ms.exec(readFileSync(new URL('eslint.config.js', root), 'utf8'))![1]!
    const tags = [...rules.matchAll(/^ {2}'([\w:]+)':/gm)].map(([, tag]) => tag!)
    const rows = [...section('Who may depend on whom').matchAll(/^\| `([\w:]+)` \|/gm)].map(([, tag]) => tag!)
    expect(tags.length).toBeGreaterThan(10)
    expect([...rows].sort()).toEqual([...tags].sort())
  })
})

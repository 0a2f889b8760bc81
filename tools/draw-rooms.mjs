// `npm run docs:rooms`: draws docs/images/rooms.svg, the rooms and who imports whom, from the imports of their sources.
// With --check it writes nothing, and fails when the picture is another one.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { instance } from '@viz-js/viz'
import ts from 'typescript'
import { root } from './installed-packages.mjs'

const picture = 'docs/images/rooms.svg'

/** Rooms by the names of their packages: `{ group, name, imports }`. */
const rooms = new Map(
  ['plugins', 'packages'].flatMap((group) =>
    readdirSync(root + group)
      .filter((name) => existsSync(`${root}${group}/${name}/package.json`))
      .sort()
      .map((name) => {
        const folder = `${root}${group}/${name}`
        return [JSON.parse(readFileSync(`${folder}/package.json`, 'utf8')).name, { group, name, imports: importsIn(`${folder}/src`) }]
      }),
  ),
)

/** Names of the packages that the sources of a room import; its tests and their fixtures apart. */
function importsIn(folder) {
  const files = readdirSync(folder, { recursive: true }).filter((file) => /\.ts$/.test(file) && !/\.(test|fixture|d)\.ts$/.test(file))
  const named = files.flatMap((file) => ts.preProcessFile(readFileSync(`${folder}/${file}`, 'utf8')).importedFiles.map(({ fileName }) => fileName))
  return new Set(named.filter((name) => !name.startsWith('.')).map((name) => name.split('/').slice(0, name.startsWith('@') ? 2 : 1).join('/')))
}

/** The rooms that a room imports. */
const importedBy = (name) => [...rooms.get(name).imports].filter((other) => rooms.has(other) && other !== name).sort()

/** Whether imports lead from one room to another. The linter allows no circles. */
const leadsTo = (from, to) => from === to || importedBy(from).some((next) => leadsTo(next, to))

/** The arrows of a room: what it imports, but for what another arrow leads to. */
function arrowsFrom(name) {
  const imported = importedBy(name)
  return imported.filter((to) => !imported.some((other) => other !== to && leadsTo(other, to)))
}

const quoted = (text) => JSON.stringify(text)

const colours = { plugins: '#dcebfa', packages: '#e2f0da' }

/** The rooms of a group; plugins below each other. */
function nodesOf(group) {
  const members = [...rooms].filter(([, room]) => room.group === group)
  const nodes = members.map(([name, room]) => `${quoted(name)} [label=${quoted(room.name)}]`).join('\n    ')
  return `{
    ${group === 'plugins' ? 'rank=same ' : ''}node [fillcolor=${quoted(colours[group])}]
    ${nodes}
  }`
}

const legend = `<<table border="0" cellspacing="6"><tr>
  <td bgcolor="${colours.plugins}" width="16"></td><td>plugins/</td><td bgcolor="${colours.packages}" width="16"></td><td>packages/</td>
  <td>→ imports; an import that a chain of arrows leads to has no arrow of its own</td></tr></table>>`

const dot = `digraph {
  graph [rankdir=LR ranksep=0.9 nodesep=0.1 pad=0.2 bgcolor=white fontname=Helvetica fontsize=11 label=${legend}]
  node [shape=box style="rounded,filled" color="#8a94a6" fontname=Helvetica fontsize=12 height=0.32 width=1 margin="0.1,0.03"]
  edge [color="#5b6576" arrowsize=0.6 headport=w tailport=e]
  ${nodesOf('plugins')}
  ${nodesOf('packages')}
  ${[...rooms.keys()].flatMap((from) => arrowsFrom(from).map((to) => `${quoted(from)} -> ${quoted(to)}`)).join('\n  ')}
}
`
const svg = (await instance()).renderString(dot, { format: 'svg', engine: 'dot' })

if (!process.argv.includes('--check')) writeFileSync(root + picture, svg)
else if (readFileSync(root + picture, 'utf8') !== svg) {
  console.error(`${picture} is not what the sources import: run \`npm run docs:rooms\`, and look whether docs/architecture.md still holds.`)
  process.exitCode = 1
}

// Copies the golden cases of some classes and functions, with the tensors that they use.
// usage: node select.mjs FOLDER NAME... ; NAME is a class or function, or a module to take whole (such as samplers)
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const [folder, ...names] = process.argv.slice(2)
const wanted = new Set(names)
const target = join(import.meta.dirname, 'data')
mkdirSync(target, { recursive: true })

const modules = new Map()
for (const file of readdirSync(folder).filter((name) => name.endsWith('.json') && name !== 'index.json')) {
  const { tensors, cases, part, parts, ...head } = JSON.parse(readFileSync(join(folder, file), 'utf8'))
  const chosen = cases.filter((one) => wanted.has(head.module) || wanted.has(one.class ?? one.function))
  if (chosen.length === 0) continue
  // Parts number their tensors on their own; one file needs names that are unique.
  const rename = (key) => (parts > 1 ? `${part}.${key}` : key)
  const used = new Set()
  const renamed = JSON.parse(JSON.stringify(chosen), (key, value) => {
    if (key !== '$ref') return value
    used.add(value)
    return rename(value)
  })
  const merged = modules.get(head.module) ?? { ...head, tensors: {}, cases: [] }
  for (const key of used) merged.tensors[rename(key)] = tensors[key]
  merged.cases.push(...renamed)
  modules.set(head.module, merged)
}
for (const [module, content] of modules) {
  const { tensors, cases, ...head } = content
  const lines = [
    ...Object.entries(tensors).map(([key, tensor]) => `${JSON.stringify(key)}:${JSON.stringify(tensor)}`),
  ].join(',\n')
  const body = cases.map((one) => JSON.stringify(one)).join(',\n')
  writeFileSync(join(target, `${module}.json`), `${JSON.stringify(head).slice(0, -1)},"tensors":{\n${lines}\n},"cases":[\n${body}\n]}\n`)
}

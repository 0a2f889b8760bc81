// What the backend takes of `@tensorflow/tfjs-node-gpu`, copied into packages/backend/vendor/tfjs-node, from where it is built, tested and
// published: as a dependency of users, that package would be lost without a word wherever its own install script fails.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { root } from './installed-packages.mjs'

const entries = ['nodejs_kernel_backend', 'register_all_kernels', 'io/file_system', 'tfjs_binding']
const vendor = `${root}packages/backend/vendor`
const from = `${root}node_modules/@tensorflow/tfjs-node-gpu`
const to = join(vendor, 'tfjs-node')

const notice = (version) => `What is here was copied from @tensorflow/tfjs-node-gpu ${version}, Copyright Google LLC, Apache License 2.0 (LICENSE):
the kernels of its Node backend, its file handlers, and the sources of its addon, unchanged. Its other files, its install script and its
dependencies are left out. https://github.com/tensorflow/tfjs/tree/master/tfjs-node-gpu
`

/** Copies, unless the copy is there. */
export function vendorTfjsNode() {
  const { version, license } = JSON.parse(readFileSync(`${from}/package.json`, 'utf8'))
  const manifest = `${JSON.stringify({ name: '@tensorflow/tfjs-node-gpu', version, license, type: 'commonjs', private: true }, undefined, 2)}\n`
  if (existsSync(`${to}/package.json`) && readFileSync(`${to}/package.json`, 'utf8') === manifest) return
  const temporary = `${to}-${process.pid}`
  const copy = (file) => {
    mkdirSync(dirname(join(temporary, file)), { recursive: true })
    cpSync(join(from, file), join(temporary, file))
  }
  for (const file of requiredBy(entries.map((name) => `dist/${name}.js`))) {
    copy(file)
    const types = file.replace(/\.js$/, '.d.ts')
    if (existsSync(join(from, types))) copy(types)
  }
  for (const file of readdirSync(`${from}/binding`)) copy(`binding/${file}`)
  cpSync(`${root}node_modules/typescript/LICENSE.txt`, join(temporary, 'LICENSE')) // the Apache License, which the package has not in it
  writeFileSync(join(temporary, 'NOTICE'), notice(version))
  writeFileSync(join(temporary, 'package.json'), manifest)
  rmSync(to, { recursive: true, force: true })
  renameSync(temporary, to)
}

/** Some files and those that they require, directly or not. */
function requiredBy(files) {
  const found = new Set(files)
  for (const file of found) {
    for (const [, name] of readFileSync(join(from, file), 'utf8').matchAll(/require\(["'](\.[^"']+)["']\)/g)) {
      found.add(`${relative(from, join(from, dirname(file), name))}.js`)
    }
  }
  return found
}

if (process.argv[1] === import.meta.filename) vendorTfjsNode()

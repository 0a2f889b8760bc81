// `npm run licences`: the licences of everything that comes with the packages, and whether the MIT License goes with them.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { root } from './installed-packages.mjs'

/** Those that ask for no more than their own text, or that only bind files of their own. */
const compatible = ['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', 'Apache 2.0', '0BSD', 'BlueOak-1.0.0', 'Unlicense', 'CC0-1.0', 'Python-2.0', 'Zlib']
/** Others, each with the reason why it may come along. */
const reasons = {
  'LGPL-3.0-or-later': 'libvips within sharp: a shared library of its own, loaded and not linked into ours, that users can replace',
  'MPL-2.0': 'lightningcss within Vite, with which tests run: it binds changes to its own files alone',
}

const lock = JSON.parse(readFileSync(`${root}package-lock.json`, 'utf8')).packages
const published = ['packages', 'plugins'].flatMap((group) => readdirSync(root + group).map((name) => `${group}/${name}`)).filter((folder) => lock[folder] && !lock[folder].private)

/** All that installs with the packages: what they depend on, and what that does, as the lock file has it. */
const met = new Map()
for (const folder of published) follow(folder)

function follow(path) {
  const { dependencies, optionalDependencies, peerDependencies } = lock[path]
  for (const name of Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies })) {
    const found = lookUp(path, name)
    if (found === undefined || met.has(found)) continue // an optional one, for another system
    met.set(found, lock[found])
    follow(found)
  }
}

/** Where Node would find a package from another one. */
function lookUp(from, name) {
  for (let place = from; ; place = place.slice(0, Math.max(0, place.lastIndexOf('/node_modules/')))) {
    const path = `${place === '' ? '' : `${place}/`}node_modules/${name}`
    const target = lock[path]
    if (target?.link) return target.resolved
    if (target) return path
    if (place === '') return undefined
    if (!place.includes('/node_modules/')) place = '/node_modules/'
  }
}

const byLicence = new Map()
for (const [path, { license, link, version }] of met) {
  if (link || published.includes(path)) continue
  const manifest = `${root}${path}/package.json`
  const said = license ?? (existsSync(manifest) ? licenceOf(JSON.parse(readFileSync(manifest, 'utf8'))) : undefined) ?? 'unknown'
  byLicence.set(said, [...(byLicence.get(said) ?? []), `${path.split('node_modules/').at(-1)}@${version}`])
}

/** As older packages say it. */
function licenceOf({ license, licenses }) {
  return license?.type ?? license ?? licenses?.map(({ type }) => type).join(' OR ')
}

const isFine = (licence) => licence.replace(/[()]/g, '').split(' OR ').some((choice) => choice.split(' AND ').every((one) => compatible.includes(one) || one in reasons))

let wrong = 0
for (const [licence, names] of [...byLicence].sort(([, a], [, b]) => b.length - a.length)) {
  const fine = isFine(licence)
  if (!fine) wrong++
  const reason = Object.entries(reasons).find(([one]) => licence.includes(one))?.[1]
  console.log(`${fine ? '✓' : '✗'} ${licence} (${names.length})${reason ? `: ${reason}` : ''}\n  ${names.sort().join(', ')}`)
}
console.log(wrong === 0 ? `\nAll ${[...byLicence.values()].flat().length} go with the MIT License.` : `\n${wrong} licences that are not known to go with the MIT License.`)
process.exitCode = wrong === 0 ? 0 : 1

// `node tools/release-notes.mjs v1.2.3`: the section of CHANGELOG.md of a tag, once all packages are found to have its version.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from './installed-packages.mjs'

/**
 * @param {string} folder of the checkout
 * @param {string} tag
 * @throws where the tag is none of a version, a package that is published has another, or CHANGELOG.md has no section of it.
 */
export function releaseNotes(folder, tag) {
  const version = /^v(\d+\.\d+\.\d+(-[\w.]+)?)$/.exec(tag)?.[1]
  if (!version) throw new Error(`release-notes: wanted a tag such as v1.2.3, got ${tag}. Tags are made by \`npm run release\`.`)
  const other = manifests(folder).find((manifest) => !manifest.private && manifest.version !== version)
  if (other) throw new Error(`release-notes: wanted ${version} in all packages, got ${other.version} in ${other.name}. Tags are made by \`npm run release\`.`)
  const sections = readFileSync(join(folder, 'CHANGELOG.md'), 'utf8').split(/^(?=#{1,2} \[?\d+\.\d+\.\d+)/m)
  const section = sections.find((each) => /^#{1,2} \[?([^\]\s]+)/.exec(each)?.[1] === version)
  if (!section) throw new Error(`release-notes: wanted a section of ${version} in CHANGELOG.md, got none. \`npm run release\` writes it.`)
  return section.slice(section.indexOf('\n')).trim()
}

const manifests = (folder) =>
  ['packages', 'plugins'].flatMap((group) =>
    readdirSync(join(folder, group))
      .map((name) => join(folder, group, name, 'package.json'))
      .filter((file) => existsSync(file))
      .map((file) => JSON.parse(readFileSync(file, 'utf8'))),
  )

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    console.log(releaseNotes(root, process.argv[2] ?? ''))
  } catch (error) {
    console.error(error.message)
    process.exitCode = 1
  }
}

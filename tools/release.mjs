// `npm run release`: the next version, from the kinds of commits since the last one: package.json of all packages, CHANGELOG.md, a commit,
// a tag. It publishes nothing: the workflow of the tag does.
import { spawnSync } from 'node:child_process'
import { releaseChangelog, releaseVersion } from 'nx/release/index.js'
import { root } from './installed-packages.mjs'

const usage = `Usage: npm run release -- [version or kind] [--dry-run]

Makes a release: the version in all packages, CHANGELOG.md, a commit and a tag, on this machine. Pushed, the tag has the
packages published (.github/workflows/release.yml).

The version follows from the kinds of commits since the last tag (feat, fix, and ! for a break). The first release has no tag
before it, and is the version in package.json, unless one is given. A kind is major, minor, patch or prerelease.

  --dry-run  says what it would do, and changes nothing`

const args = process.argv.slice(2)
const dryRun = args.includes('--dry-run')
const [specifier, ...others] = args.filter((arg) => arg !== '--dry-run')
if (args.includes('--help') || args.includes('-h')) end(0, usage)
if (others.length > 0 || specifier?.startsWith('-')) end(1, usage)

process.chdir(root)
process.env.NX_DAEMON = 'false'
const git = (...command) => spawnSync('git', command, { encoding: 'utf8' }).stdout.trim()
const firstRelease = git('tag', '--list', 'v*') === ''
if (!dryRun && git('status', '--porcelain') !== '') end(1, 'release: there are changes that are not committed')

const { workspaceVersion, projectsVersionData } = await releaseVersion({ ...versionWanted(), dryRun, firstRelease, gitCommit: false, gitTag: false })
const version = workspaceVersion ?? Object.values(projectsVersionData)[0]?.newVersion
if (!version) end(1, 'release: no commit since the last release that would make one; give a version or a kind')
// The first changelog begins with the first commit.
await releaseChangelog({ version, versionData: projectsVersionData, dryRun, firstRelease, ...(firstRelease && { from: git('rev-list', '--max-parents=0', 'HEAD').split('\n').at(-1) }), gitCommit: true, gitTag: true, stageChanges: true })
end(0, dryRun ? `\nrelease: ${version} it would be` : `\nrelease: ${version} is committed and tagged; \`git push --follow-tags\` publishes it`)

/** What was given; of a first release without anything, the version that packages have. */
function versionWanted() {
  if (specifier !== undefined) return { specifier }
  return firstRelease ? { specifier: versionOnDisk() } : {}
}

function versionOnDisk() {
  return JSON.parse(spawnSync(process.execPath, ['-p', 'JSON.stringify(require("./packages/core/package.json").version)'], { encoding: 'utf8' }).stdout)
}

function end(code, text) {
  ;(code === 0 ? console.log : console.error)(text)
  process.exit(code)
}

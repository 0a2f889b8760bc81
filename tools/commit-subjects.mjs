// `node tools/commit-subjects.mjs main..HEAD`: whether the subject of each commit begins with its kind, from which versions and CHANGELOG.md follow.
import { spawnSync } from 'node:child_process'

const range = process.argv[2]
const kinds = ['feat', 'fix', 'perf', 'refactor', 'docs', 'test', 'build', 'ci', 'chore', 'revert']
const { status, stdout, stderr } = spawnSync('git', ['log', '--no-merges', '--format=%h %s', range ?? '', '--'], { encoding: 'utf8' })
if (range === undefined || status !== 0) {
  console.error(`commit-subjects: wanted a range of commits such as main..HEAD, got ${range ?? 'none'}. ${stderr}`)
  process.exit(1)
}
const commits = stdout.split('\n').filter((line) => line !== '')
const others = commits.filter((line) => !new RegExp(`^\\S+ (${kinds.join('|')})(\\([\\w-]+\\))?!?: \\S`).test(line))
for (const line of others) console.error(line)
if (others.length > 0) console.error(`\ncommit-subjects: wanted a kind before each subject, such as "fix: …" (${kinds.join(', ')}), got none in ${others.length} of ${commits.length}. CONTRIBUTING.md, Commits, says which.`)
else console.log(`${commits.length} commits, each with its kind`)
process.exitCode = others.length > 0 ? 1 : 0

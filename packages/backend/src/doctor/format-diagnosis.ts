import type { Diagnosis, FindingStatus } from './finding.js'

const marks: Readonly<Record<FindingStatus, string>> = { ok: '✓', absent: '–', missing: '✗', broken: '✗' }

/** The findings as aligned lines, each problem with its remedy below it, and the verdict last. */
export function formatDiagnosis({ findings, auto, healthy }: Diagnosis): string {
  const width = Math.max(...findings.map(({ name }) => name.length))
  const lines = findings.flatMap(({ name, status, detail, fix }) => [
    `${marks[status]} ${name.padEnd(width)}  ${detail}`,
    ...(fix === undefined ? [] : [`  ${' '.repeat(width)}  → ${fix}`]),
  ])
  const choice = auto === undefined ? 'No backend works.' : `The backend \`auto\` takes ${auto}.`
  return [...lines, '', healthy ? choice : `${choice} Something is broken, see above.`].join('\n')
}

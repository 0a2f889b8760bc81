import type { ModuleReport } from './compare-folder.js'

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
const skips = ({ skipped }: ModuleReport): number => sum([...skipped.values()])

/** One line about a module, and one for each reason to leave cases out. */
export function moduleLines(report: ModuleReport): string[] {
  const { module, passed, fixed, failures, skipped } = report
  const quirks = fixed > 0 ? `, ${fixed} fixed quirks` : ''
  return [
    `${module.padEnd(12)} ${passed} passed${quirks}, ${failures.length} failed, ${skips(report)} skipped`,
    ...[...skipped].map(([reason, count]) => `${' '.repeat(13)}${count} skipped: ${reason}`),
  ]
}

/** What all modules come to. */
export function totalLines(reports: readonly ModuleReport[]): string[] {
  const fixed = sum(reports.map((report) => report.fixed))
  const passed = sum(reports.map((report) => report.passed))
  const failed = sum(reports.map((report) => report.failures.length))
  const apart = `${fixed} fixed quirks of PyTorch Metric Learning, each checked against the right behaviour`
  return [...(fixed > 0 ? [apart] : []), `${passed} passed, ${failed} failed, ${sum(reports.map(skips))} skipped`]
}

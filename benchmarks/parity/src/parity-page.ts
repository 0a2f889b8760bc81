import { LIBRARIES, METRIC_NAMES, METRICS, type Library, type Metric, type RunResult } from './result.js'
import { spreadOf, type Spread } from './spread.js'

/** What the page says about where the numbers come from. */
export interface Circumstances {
  readonly machine: string
  readonly versions: string
  /** Of each side. */
  readonly threads: number
  readonly command: string
  readonly recipe: string
}

/** docs/parity.md: one table of accuracies, one of speed. */
export function parityPage(results: readonly RunResult[], circumstances: Circumstances): string {
  const losses = [...new Set(results.map(({ loss }) => loss))]
  const seeds = new Set(results.map(({ seed }) => seed)).size
  return [
    '# Parity with PyTorch Metric Learning',
    '',
    `${circumstances.recipe} Mean ± standard deviation over ${seeds} seeds, on classes that training never saw, at the last epoch.`,
    '',
    ...accuracyTable(results, losses),
    '',
    '"Apart" is the difference of the means in units of the larger of the two standard deviations; within 1 the means lie',
    'within the spreads.',
    '',
    '## Speed of the whole training loop',
    '',
    ...speedTable(results, losses),
    '',
    `Machine: ${circumstances.machine}. ${circumstances.versions}. ${circumstances.threads} threads each, runs taken in turns.`,
    '',
    `Made by \`${circumstances.command}\`.`,
    '',
  ].join('\n')
}

const show = ({ mean, deviation }: Spread) => `${mean.toFixed(3)} ± ${deviation.toFixed(3)}`
const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`

function accuracyTable(results: readonly RunResult[], losses: readonly string[]): string[] {
  const lines = [row(['', 'metric', 'ours', 'PML 2.9', 'apart']), row(['---', '---', '---:', '---:', '---:'])]
  const compare = (title: string, value: (library: Library, metric: Metric) => Spread) => {
    METRIC_NAMES.forEach((metric, i) => {
      const [ours, theirs] = LIBRARIES.map((library) => value(library, metric)) as [Spread, Spread]
      const unit = Math.max(ours.deviation, theirs.deviation)
      const apart = unit === 0 ? '–' : (Math.abs(ours.mean - theirs.mean) / unit).toFixed(1)
      lines.push(row([i === 0 ? `**${title}**` : '', METRICS[metric], show(ours), show(theirs), apart]))
    })
  }
  const of = (library: Library) => results.filter((result) => result.library === library)
  compare('untrained', (library, metric) => spreadOf(of(library).filter(({ loss }) => loss === losses[0]).map(({ untrained }) => untrained[metric])))
  for (const loss of losses) {
    compare(loss, (library, metric) => spreadOf(of(library).filter((result) => result.loss === loss).map(({ trained }) => trained[metric])))
  }
  return lines
}

function speedTable(results: readonly RunResult[], losses: readonly string[]): string[] {
  const lines = [row(['', 'ours, images/s', 'PML, images/s', 'ratio of means']), row(['---', '---:', '---:', '---:'])]
  for (const loss of losses) {
    const [ours, theirs] = LIBRARIES.map((library) =>
      spreadOf(results.filter((result) => result.library === library && result.loss === loss).map((result) => result.imagesPerSecond)),
    ) as [Spread, Spread]
    const speed = ({ mean, deviation }: Spread) => `${Math.round(mean)} ± ${Math.round(deviation)}`
    lines.push(row([loss, speed(ours), speed(theirs), `${(ours.mean / theirs.mean).toFixed(2)}x`]))
  }
  return lines
}

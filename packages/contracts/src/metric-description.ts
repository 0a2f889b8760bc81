/** How a metric is called and what it says, wherever its numbers are shown. */
export interface MetricDescription {
  /** As in papers: `P@1`. */
  readonly label: string
  /** In full: `precision at 1`; empty where there is nothing to add to the label. */
  readonly title: string
  /** What it measures, in one sentence; may be empty. */
  readonly meaning: string
  /** Which of two values is the better one. */
  readonly better: 'larger' | 'smaller'
  /** Whether it is shown in percent, as shares are. Default false: as it is. */
  readonly inPercent?: boolean
}

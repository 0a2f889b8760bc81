/** What the docstring of an option says, part by part. */
export interface OptionDoc {
  /** What it is for, and in which range. */
  readonly prose: string
  /** What follows `Default`: `0.07`, `28.6 (0.5 rad)`; absent where it says none. */
  readonly default: string | undefined
  /** Whether it says `May be scheduled`. */
  readonly saysScheduled: boolean
}

/** Parts the docstring of an option: `Divides the similarities. Above 0. Default 0.07. May be scheduled.` */
export function partOptionDoc(doc: string): OptionDoc {
  const sentences = doc.split(/(?<=\.)\s+(?=[A-Z`])/)
  const stated = sentences.find((sentence) => /^Default\b/.test(sentence))
  const isPlain = (sentence: string) => sentence !== stated && sentence !== 'May be scheduled.' && sentence !== 'Each loss names its default.'
  return {
    prose: sentences.filter(isPlain).join(' '),
    default: stated && /^Default:? (.+)\.$/.exec(stated)?.[1],
    saysScheduled: sentences.some((sentence) => sentence.startsWith('May be scheduled')),
  }
}

import stringWidth from 'string-width'

/** A part of a line. */
export interface LinePart {
  /** What it says; a part that grows is given the columns that it may take. */
  readonly text: string | ((columns: number) => string)
  /** The same in fewer columns, where there is no room for it. */
  readonly short?: string | undefined
  /** Where there is no room for all, parts of low ranks come first. */
  readonly rank: number
  /** Columns of a part that grows, at least and at most. */
  readonly columns?: readonly [least: number, most: number]
}

const GAP = '  '

/**
 * A line of at most so many columns: the parts there is room for, by their ranks, in their order. One that grows takes what is
 * left. Of a first one that is too long alone, the end is cut off.
 */
export function fittedLine(parts: readonly LinePart[], columns: number): string {
  const kept = new Map<LinePart, LinePart['text']>()
  let room = columns
  for (const part of [...parts].sort((a, b) => a.rank - b.rank)) {
    const gap = kept.size > 0 ? GAP.length : 0
    const fitting = [part.text, part.short ?? part.text].find((text) => gap + leastWidth(text, part) <= room)
    const text = fitting ?? (kept.size === 0 ? part.text : undefined)
    if (text === undefined) continue
    kept.set(part, text)
    room -= gap + leastWidth(text, part)
  }
  const texts = parts.flatMap((part) => (kept.has(part) ? textOf(kept.get(part)!, part, Math.max(0, room)) : []))
  return cut(texts.join(GAP), columns)
}

/** Lines of at most so many columns with all of the parts, unless one is longer alone; the second and later ones are indented. */
export function wrappedLines(parts: readonly string[], columns: number): string {
  let [text, width] = ['', 0]
  for (const part of parts) {
    const own = stringWidth(part)
    if (text === '') [text, width] = [part, own]
    else if (width + GAP.length + own <= columns) [text, width] = [text + GAP + part, width + GAP.length + own]
    else [text, width] = [`${text}\n${GAP}${part}`, GAP.length + own]
  }
  return text
}

function leastWidth(text: LinePart['text'], { columns = [0, 0] }: LinePart): number {
  return typeof text === 'string' ? stringWidth(text) : columns[0]
}

function textOf(text: LinePart['text'], { columns = [0, 0] }: LinePart, room: number): string {
  return typeof text === 'string' ? text : text(Math.min(columns[1], columns[0] + room))
}

function cut(text: string, columns: number): string {
  if (stringWidth(text) <= columns) return text
  let [kept, width] = ['', 0]
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    width += stringWidth(segment)
    if (width > columns) break
    kept += segment
  }
  return kept
}

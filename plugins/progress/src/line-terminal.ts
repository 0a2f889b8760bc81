import stringWidth from 'string-width'

/** Where lines go: `process.stderr`, or anything like it. */
export interface ProgressStream {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

/** What a stream can show: a line that is rewritten, with escape sequences or without, or lines that stay. */
export type TerminalKind = 'escapes' | 'plain' | 'lines'

/**
 * What may be written to a stream. Terminals rewrite a line, unless they are `TERM=dumb` or those of a build (`CI`), which keep each
 * version of it; with `NO_COLOR` no escape sequence is written.
 *
 * @see https://no-color.org
 */
export function terminalKind({ isTTY = false }: ProgressStream, env: Readonly<Record<string, string | undefined>> = process.env): TerminalKind {
  if (!isTTY || env['TERM'] === 'dumb' || isSet(env['CI'])) return 'lines'
  return isSet(env['NO_COLOR']) ? 'plain' : 'escapes'
}

const isSet = (value: string | undefined): boolean => value !== undefined && value !== '' && value !== '0' && value !== 'false'

/** Columns of a stream; some terminals say 0 before they know. */
export const columnsOf = ({ columns }: ProgressStream): number => columns || 80

/**
 * One line of a terminal, for cli-progress, which asks it to move the cursor, to write and to clear. It leaves cursor and wrapping as
 * they are, for others write to the terminal as well.
 */
export class LineTerminal {
  /** Columns of the text that stands there. */
  #shown = 0
  #text = ''

  constructor(
    private readonly stream: ProgressStream,
    private readonly kind: Exclude<TerminalKind, 'lines'>,
  ) {}

  isTTY(): boolean {
    return true
  }

  getWidth(): number {
    return columnsOf(this.stream)
  }

  cursorTo(): void {
    this.#text = ''
  }

  write(text: string): void {
    this.#text += text
  }

  /** All of a line at once, so that nothing flickers. */
  clearRight(): void {
    const width = stringWidth(this.#text)
    const rest = this.kind === 'escapes' ? '\x1b[K' : ' '.repeat(Math.max(0, this.#shown - width))
    this.stream.write(`\r${this.#text}${rest}`)
    this.#shown = width
  }

  clearLine(): void {
    if (this.kind === 'escapes') this.stream.write('\r\x1b[K')
    else this.stream.write(`\r${' '.repeat(this.#shown)}\r`)
    this.#shown = 0
  }

  endLine(): void {
    this.stream.write('\n')
    this.#shown = 0
  }

  /** The end of a bar: what becomes of its line is not the bar's to say. */
  newline(): void {}
  cursorSave(): void {}
  cursorRestore(): void {}
  cursor(): void {}
  lineWrapping(): void {}
}

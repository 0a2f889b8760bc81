import * as contracts from '@metric-learning/contracts'
import * as distances from '@metric-learning/distances'
import * as ops from '@metric-learning/ops'
import * as reducers from '@metric-learning/reducers'
import * as regularizers from '@metric-learning/regularizers'

const rooms = { distances, reducers, regularizers, ops, contracts }

/** The text of a docstring as Markdown, for pages in a folder of docs. */
export class MarkdownWriter {
  readonly #pages: ReadonlyMap<string, string>

  /** @param pages where names lead that have a page, as the folder has it */
  constructor(pages: ReadonlyMap<string, string>) {
    this.#pages = pages
  }

  /** Prose: `{@link …}` as links, code as it is, what stands low or high set so, and nothing else that Markdown would take for its own. */
  prose(text: string): string {
    return text
      .split(/(`[^`]*`|\{@link [^}]+\})/)
      .map((part) => {
        const link = /^\{@link ([^}]+)\}$/.exec(part)
        if (link) return this.#link(link[1]!)
        return part.startsWith('`') ? part : setScripts(escaped(part))
      })
      .join('')
  }

  /** The same in a cell of a table. */
  cell(text: string): string {
    return this.prose(text).replaceAll('|', '\\|')
  }

  /** A name, with a link to where it is told about. */
  #link(target: string): string {
    const [name] = target.split('.')
    const room = Object.entries(rooms).find(([, exported]) => name! in exported)?.[0]
    const page = this.#pages.get(name!)
    if (page !== undefined) return `[\`${target}\`](${page})`
    return room ? `[\`${target}\`](../../packages/${room}/README.md)` : `\`${target}\``
  }
}

/** TeX in a block of its own. */
export const mathBlock = (tex: string): string => `\`\`\`math\n${tex}\n\`\`\``

const escaped = (text: string): string => text.replaceAll(/[*<$~\\]/g, '\\$&')

/** s_ap, Σ_{d ≠ e} and D^-½ as they are meant. */
const setScripts = (text: string): string =>
  text.replaceAll(/\^(-?[\p{L}\d½]+)/gu, '<sup>$1</sup>').replaceAll(/_(?:\{([^}]*)\}|([\p{L}\d]+))/gu, (_, braced?: string, plain?: string) => `<sub>${braced ?? plain}</sub>`)

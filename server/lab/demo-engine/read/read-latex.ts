const unicode: Record<string, string> = {
  '×': '*',
  '·': '*',
  '⋅': '*',
  '÷': '/',
  '−': '-',
  '–': '-',
  '²': '^2',
  '³': '^3',
  '⁴': '^4',
  π: ' pi ',
  '∞': ' infinity ',
  '∫': '\\int',
  '∑': '\\sum',
  '√': '\\sqrt',
  '（': '(',
  '）': ')',
  '＝': '=',
  '，': ',',
  '？': '?',
  '。': '.',
}

const plainCommands: Record<string, string> = {
  cdot: '*',
  times: '*',
  ast: '*',
  div: '/',
  left: '',
  right: '',
  displaystyle: '',
  infty: ' infinity ',
  bmod: ' mod ',
  mod: ' mod ',
  quad: ' ',
  qquad: ' ',
  dots: ' ... ',
  ldots: ' ... ',
  cdots: ' ... ',
  ln: ' log ',
  lbrace: '(',
  rbrace: ')',
  big: '',
  Big: '',
  bigl: '',
  bigr: '',
  limits: '',
  colon: ':',
}

/** The text with its LaTeX turned into infix notation and words; what is no LaTeX stays as it is. */
export function readLatex(text: string): string {
  const plain = text
    .replace(/[×·⋅÷−–²³⁴π∞∫∑√（）＝，？。]/g, (char) => unicode[char] ?? char)
    .replace(
      /\\begin\{(cases|aligned|align\*?|array|equation\*?)\}(\{[^}]*\})?|\\end\{[a-z*]+\}/g,
      '\n',
    )
    .replace(/\\\\(\[[^\]]*\])?/g, ' ;\n')
    .replace(/\\[[\]()]/g, '\n')
    .replace(/\$+/g, ' ')
    .replace(/\\[,;:! ]/g, ' ')
    .replace(/\\([%{}#&])/g, '$1')
    .replace(/&/g, ' ')
    .replace(/\*\*/g, '^')
  return new Reader(plain).read()
}

/** One pass from left to right; groups are read by recursion, so nesting costs nothing special. */
class Reader {
  private position = 0
  private depth = 0
  private readonly text: string

  constructor(text: string) {
    this.text = text
  }

  read(until?: string): string {
    let out = ''
    while (this.position < this.text.length) {
      const char = this.text[this.position]
      if (char === until) {
        this.position += 1
        return out
      }
      if (char === '\\') out += this.command()
      else if (char === '{') out += `(${this.group()})`
      else if (char === '}') this.position += 1
      else {
        out += char
        this.position += 1
      }
    }
    return out
  }

  /** A braced group, or the one character or command that stands for it. */
  private group(): string {
    while (this.text[this.position] === ' ') this.position += 1
    const char = this.text[this.position]
    if (this.depth > 40 || char === undefined) return ''
    if (char === '\\') return this.command()
    this.position += 1
    if (char !== '{') return char
    this.depth += 1
    const inner = this.read('}')
    this.depth -= 1
    return inner
  }

  private peek(char: string): boolean {
    while (this.text[this.position] === ' ') this.position += 1
    if (this.text[this.position] !== char) return false
    this.position += 1
    return true
  }

  private command(): string {
    const name = /^\\([A-Za-z]+)/.exec(this.text.slice(this.position, this.position + 30))?.[1]
    this.position += (name?.length ?? 0) + 1
    if (!name) return ' '
    const plain = plainCommands[name]
    if (plain !== undefined) return plain
    if (/^[dtc]?frac$/.test(name)) return this.fraction()
    if (name === 'sqrt') return this.root()
    if (name === 'binom' || name === 'dbinom') return ` binomial(${this.group()},${this.group()}) `
    if (name === 'int') return this.ranged(' integral ')
    if (name === 'sum') return this.ranged(' sum ')
    if (name === 'pmod') return ` mod (${this.group()}) `
    if (/^(text|mathrm|operatorname|mathbf|textbf)$/.test(name)) return ` ${this.group()} `
    return ` ${name} `
  }

  private fraction(): string {
    const [top, bottom] = [this.group(), this.group()]
    const order = /^\s*d(\^\(?(\d)\)?)?\s*$/.exec(top)
    const by = /^\s*d\s*([a-z])(\^\(?\d\)?)?\s*$/.exec(bottom)
    if (order && by) return ` derivative #${order[2] ?? 1} ${by[1]} of `
    return `((${top})/(${bottom}))`
  }

  private root(): string {
    if (!this.peek('[')) return ` sqrt(${this.group()})`
    const degree = this.read(']')
    return `((${this.group()})^(1/(${degree})))`
  }

  /** An integral or a sum with the bounds that may follow it. */
  private ranged(word: string): string {
    let from = ''
    let to = ''
    for (let i = 0; i < 2; i += 1) {
      if (this.peek('_')) from = this.group()
      else if (this.peek('^')) to = this.group()
    }
    return from || to ? `${word} from ${from} to ${to} of ` : `${word} of `
  }
}

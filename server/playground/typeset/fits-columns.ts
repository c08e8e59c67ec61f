const innermost =
  /\\begin\s*\{([a-z]+)\*?\}((?:(?!\\begin\s*\{|\\end\s*\{)[\s\S])*)\\end\s*\{\1\*?\}/i

/** How many cells a row may have; where it is not said, as many as there are. */
const columnsMax: Record<string, number> = {
  ...{ gather: 1, gathered: 1, multline: 1, equation: 1, subarray: 1 },
  ...{ cases: 2, dcases: 2, rcases: 2, drcases: 2, split: 2 },
  ...{ matrix: 40, pmatrix: 40, bmatrix: 40, Bmatrix: 40, vmatrix: 40, Vmatrix: 40 },
}

/** Whether each row of each environment has the columns that it needs: KaTeX adds some, LaTeX refuses. */
export function fitsColumns(formula: string): boolean {
  let rest = formula
  for (let found = innermost.exec(rest); found; found = innermost.exec(rest)) {
    const [whole, name = '', body = ''] = found
    const spec = /^\s*\{([^{}]*)\}/.exec(body)?.[1] ?? ''
    const most = name === 'array' ? spec.replaceAll(/[^lcr]/g, '').length : columnsMax[name]
    const cells = Math.max(
      ...body.split('\\\\').map((row) => row.replaceAll('\\&', '').split('&').length),
    )
    if (cells > (most ?? Number.POSITIVE_INFINITY)) return false
    rest = rest.replace(whole, () => ' ')
  }
  return true
}

import hljs from 'highlight.js/lib/core'
import bash from 'highlight.js/lib/languages/bash'
import c from 'highlight.js/lib/languages/c'
import cpp from 'highlight.js/lib/languages/cpp'
import csharp from 'highlight.js/lib/languages/csharp'
import go from 'highlight.js/lib/languages/go'
import haskell from 'highlight.js/lib/languages/haskell'
import java from 'highlight.js/lib/languages/java'
import javascript from 'highlight.js/lib/languages/javascript'
import json from 'highlight.js/lib/languages/json'
import julia from 'highlight.js/lib/languages/julia'
import kotlin from 'highlight.js/lib/languages/kotlin'
import latex from 'highlight.js/lib/languages/latex'
import matlab from 'highlight.js/lib/languages/matlab'
import python from 'highlight.js/lib/languages/python'
import r from 'highlight.js/lib/languages/r'
import rust from 'highlight.js/lib/languages/rust'
import sql from 'highlight.js/lib/languages/sql'
import typescript from 'highlight.js/lib/languages/typescript'
import yaml from 'highlight.js/lib/languages/yaml'

/** What contest programmers and mathematicians write. Each registers its own aliases, `py` and `c++` among them. */
const languages = {
  ...{ bash, c, cpp, csharp, go, haskell, java, javascript, json, julia, kotlin, latex, matlab },
  ...{ python, r, rust, sql, typescript, yaml },
}

for (const [name, language] of Object.entries(languages)) hljs.registerLanguage(name, language)

const highlightedCharsMax = 50_000

/** HTML of the code with its parts in `hljs-…` spans, everything escaped; undefined where the language is not known. */
export function highlightCode(code: string, language: string): string | undefined {
  if (code.length > highlightedCharsMax || !hljs.getLanguage(language)) return undefined
  return hljs.highlight(code, { language, ignoreIllegals: true }).value
}

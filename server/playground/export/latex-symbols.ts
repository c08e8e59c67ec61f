const symbols: Record<string, string> = Object.fromEntries(
  `α alpha|β beta|γ gamma|δ delta|ε varepsilon|ϵ epsilon|ζ zeta|η eta|θ theta|ϑ vartheta|ι iota|κ kappa|λ lambda
  |μ mu|µ mu|ν nu|ξ xi|ο omicron|π pi|ρ rho|σ sigma|ς varsigma|τ tau|υ upsilon|φ varphi|ϕ phi|χ chi|ψ psi|ω omega
  |Γ Gamma|Δ Delta|∆ Delta|Θ Theta|Λ Lambda|Ξ Xi|Π Pi|Σ Sigma|Υ Upsilon|Φ Phi|Ψ Psi|Ω Omega|ℓ ell|ℏ hbar|ℜ Re
  |ℑ Im|ℵ aleph|℘ wp|∂ partial|∇ nabla|∞ infty|∅ emptyset|∀ forall|∃ exists|∄ nexists|¬ neg|∧ land|∨ lor|⊕ oplus
  |⊗ otimes|⊖ ominus|⊙ odot|± pm|∓ mp|× times|÷ div|· cdot|⋅ cdot|∗ ast|⋆ star|∘ circ|∙ bullet|• bullet|√ surd
  |∑ sum|∏ prod|∐ coprod|∫ int|∬ iint|∭ iiint|∮ oint|≤ leq|≥ geq|≦ leqq|≧ geqq|⩽ leqslant|⩾ geqslant|≪ ll|≫ gg
  |≠ neq|≈ approx|≡ equiv|≢ not\\equiv|∼ sim|≃ simeq|≅ cong|∝ propto|≺ prec|≻ succ|∈ in|∉ notin|∋ ni|⊂ subset
  |⊃ supset|⊆ subseteq|⊇ supseteq|⊊ subsetneq|⊄ not\\subset|∪ cup|∩ cap|∖ setminus|∥ parallel|∦ nparallel|∣ mid
  |∤ nmid|⊥ perp|∠ angle|△ triangle|□ square|■ blacksquare|◇ diamond|→ to|← leftarrow|↔ leftrightarrow|↑ uparrow
  |↓ downarrow|⇒ Rightarrow|⇐ Leftarrow|⇔ Leftrightarrow|⟹ Longrightarrow|⟸ Longleftarrow|⟺ iff|⟶ longrightarrow
  |⟵ longleftarrow|↦ mapsto|↪ hookrightarrow|⇌ rightleftharpoons|∴ therefore|∵ because|⌊ lfloor|⌋ rfloor|⌈ lceil
  |⌉ rceil|⟨ langle|⟩ rangle|‖ Vert|… ldots|⋯ cdots|⋮ vdots|⋱ ddots|′ prime|° degree|† dagger|‡ ddagger|✓ checkmark
  |✔ checkmark|ℝ mathbb{R}|ℂ mathbb{C}|ℕ mathbb{N}|ℤ mathbb{Z}|ℚ mathbb{Q}|ℙ mathbb{P}|⊢ vdash|⊨ models|⊤ top
  |⊔ sqcup|⊓ sqcap`
    .split('|')
    .map((entry) => entry.trim().split(' '))
    .map(([sign = '', name = '']) => [sign, `\\${name}`]),
)
symbols['−'] = '-'

const raised = Object.fromEntries(
  [...'⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ'].map((sign, at) => [sign, '0123456789+-=()ni'[at]]),
)
const lowered = Object.fromEntries(
  [...'₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎'].map((sign, at) => [sign, '0123456789+-=()'[at]]),
)
const anyRaised = new RegExp(`[${Object.keys(raised).join('')}]+`, 'g')
const anyLowered = new RegExp(`[${Object.keys(lowered).join('')}]+`, 'g')

/** Signs of scripts that have fonts of their own, see the preamble. */
export const cjkSign = /[\u3000-\u30ff\u3400-\u9fff\uac00-\ud7af\uff00-\uffef]/
/** What all fonts hold, what has one of its own, and the places of formulas (see protect-math.ts). */
const known =
  /[\p{ASCII}\u00a0-\u00ff\ue000\ue001\u2013\u2014\u2018-\u201e\u3000-\u30ff\u3400-\u9fff\uac00-\ud7af\uff00-\uffef]/u

/** Signs of mathematics among words, as commands; what no font of LaTeX is sure to hold, by its number. */
export function latexWords(text: string): string {
  return spelt(text, (tex) => `\\ensuremath{${tex}}`).replaceAll(/\P{ASCII}/gu, (sign) =>
    known.test(sign) ? sign : numbered(sign),
  )
}

/** The same in a formula: there each sign is a command, and what is none is a word. */
export function latexSigns(tex: string): string {
  return spelt(tex, (command) => (/^[\^_-]/.test(command) ? command : `${command} `)).replaceAll(
    /\P{ASCII}+/gu,
    (words) => `\\text{${latexWords(words)}}`,
  )
}

function spelt(text: string, said: (tex: string) => string): string {
  const digits = (from: Record<string, string | undefined>) => (signs: string) =>
    [...signs].map((sign) => from[sign] ?? '').join('')
  return text
    .replaceAll(anyRaised, (signs) => said(`^{${digits(raised)(signs)}}`))
    .replaceAll(anyLowered, (signs) => said(`_{${digits(lowered)(signs)}}`))
    .replaceAll(/\P{ASCII}/gu, (sign) => {
      const command = symbols[sign]
      return command === undefined ? sign : said(command)
    })
}

function numbered(sign: string): string {
  const code = sign.codePointAt(0) ?? 0
  // It joins or varies what is beside it, and is no sign by itself.
  if (code === 0x200d || (code >= 0xfe00 && code <= 0xfe0f) || code === 0x200b) return ''
  return `\\sign{${code.toString(16).toUpperCase()}}`
}

/**
 * Commands that KaTeX knows and a LaTeX document with our preamble does not, or takes otherwise; found by compiling each
 * of KaTeX's (`npm run compile-latex`). A formula that says one of them is shown as it was written.
 */
const names = new Set(
  `origof imageof oiint oiiint varvdots widecheck Overrightarrow overgroup overlinesegment
  overleftharpoon overrightharpoon undergroup underlinesegment utilde xlongequal xtwoheadrightarrow
  xtwoheadleftarrow xtofrom xrightleftarrows xrightequilibrium xleftequilibrium phase sout angl angln
  mathsfit arctg arcctg ch cosec cotg ctg cth sh tg th sixptsize vcenter noexpand aa AA textcopyright
  textregistered notni
  Alpha Beta Bra Braket Chi Complex Dagger Darr Epsilon Eta Harr Iota KaTeX Kappa Ket LaTeX Larr
  Lrarr Mu Nu Omicron Rarr Reals Rho Set Tau TeX Uarr Zeta alef alefsym approxcoloncolon blue bull
  clubs cnums coloncolon coloncolonapprox coloncolonequals coloncolonminus coloncolonsim
  colonequals colonminus dArr darr diamonds dotsx equalscolon equalscoloncolon exist gray green
  hArr harr hearts image infin isin kaBlue kaGreen lArr lBrace lang larr llbracket lrArr lrarr
  minuscolon minuscoloncolon minuso natnums orange pink plim plusmn purple rArr rBrace rang rarr
  reals red rrbracket sdot sect simcoloncolon spades sub sube supe thetasym uArr uarr weierp
  above hbox kern mkern hskip mskip mathchoice ' \` ^ ~ = . " u c r v H`.split(/\s+/),
)

/** The colours of Khan Academy, which KaTeX has by letters. */
const colours = /^(blue|teal|green|gold|red|maroon|purple|mint|gray)[A-I]$/

/** Whether a command, without its backslash, is none of a LaTeX document. */
export function isNotInLatex(name: string): boolean {
  return names.has(name) || colours.test(name)
}

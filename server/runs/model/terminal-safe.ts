/**
 * ECMA-48 control sequences: CSI, the strings (OSC, DCS, SOS, PM, APC) where they are terminated, and two-byte escapes.
 * Every alternative is anchored at its introducer and stops at the next one, so that matching is linear.
 */
const sequences =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|(?:\u001b[\]PX^_]|[\u0090\u0098\u009d-\u009f])[^\u0007\u001b\u0090-\u009f]*(?:\u0007|\u001b\\|\u009c)|\u001b[ -/]*[0-~]?/g

/** C0 without tab, DEL, C1, and what changes the direction of the text that follows. */
const controls = /(?!\t)[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

/**
 * A line of a log as text that a terminal prints and does not execute: control sequences are left out, other control
 * characters become their visible signs (U+2400 to U+2421), directional marks U+FFFD.
 */
export function terminalSafe(text: string): string {
  return text.replace(sequences, '').replace(controls, pictureOf)
}

function pictureOf(control: string): string {
  const code = control.charCodeAt(0)
  if (code < 0x20) return String.fromCharCode(0x2400 + code)
  return code === 0x7f ? '\u2421' : '\ufffd'
}

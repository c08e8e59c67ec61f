/** KaTeX writes what these say to the console: of a server that is its log, where anybody could forge a line. */
export const consoleCommands = /\\(?:message|errmessage|show)(?![A-Za-z])/

import { CopyButton } from './copy-button.tsx'

/** Text for a terminal or a machine, with a button to take it along. Long lines wrap: nothing hides off the edge. */
export function CodeText({ text, label }: { text: string; label: string }) {
  return (
    <figure
      aria-label={label}
      className="flow-root min-w-0 rounded-lg border border-line bg-log px-3 py-1.5"
    >
      {/* Only the lines beside it make room for it: on a phone there is little to give away. */}
      <div className="float-right -mr-1.5 ml-3">
        <CopyButton text={text} />
      </div>
      <pre className="py-1.5 font-mono text-[0.87rem] break-words whitespace-pre-wrap">{text}</pre>
    </figure>
  )
}

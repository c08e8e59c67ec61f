import { CopyButton } from './copy-button.tsx'

/** Text for a terminal or a machine, with a button to take it along. Long lines wrap: nothing hides off the edge. */
export function CodeText({ text, label }: { text: string; label: string }) {
  return (
    <figure aria-label={label} className="relative min-w-0 rounded-lg border border-line bg-log">
      <pre className="p-3 pr-28 font-mono text-[0.87rem] break-words whitespace-pre-wrap">
        {text}
      </pre>
      <div className="absolute top-1.5 right-1.5 bg-log">
        <CopyButton text={text} />
      </div>
    </figure>
  )
}

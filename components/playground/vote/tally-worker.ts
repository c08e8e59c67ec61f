import { type Ballot, tallyOf } from './tally.ts'

/** Comparing answers takes its time: never on the page's own thread. */
addEventListener('message', ({ data }: MessageEvent<{ ballots: Ballot[]; expected: string }>) => {
  postMessage(tallyOf(data.ballots, data.expected))
})

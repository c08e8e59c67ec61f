import { answerApiRequest } from '#server/processes/web/answer-api-request.ts'

// Every route, its access and its handler stand in the route table; this file only says that Next answers them.
export {
  answerApiRequest as DELETE,
  answerApiRequest as GET,
  answerApiRequest as PATCH,
  answerApiRequest as POST,
}

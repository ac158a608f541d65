import { ApiProblem, NoAnswer } from "../api/problems";

/** Words for the artisan. Nothing on this page moves money by itself, so what can be said is short. */
export function inWords(error: unknown): string {
  if (error instanceof ApiProblem) {
    if (error.status === 429) return "There were too many requests in a short time. Please wait a minute and try again.";
    if (error.status === 403) return "You are not logged in any more. Please log in again.";
    if (error.status >= 500) return "The shop has a problem at the moment. Your money is not touched by it. Please try again shortly.";
    return error.detail || error.title || "The shop refused this request.";
  }
  if (error instanceof NoAnswer) return "We could not reach the shop. Check your connection and try again.";
  return "Something unexpected happened on this page. Please reload it.";
}

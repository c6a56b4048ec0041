// What a follower's page fetches in passing: where the server does not answer there is nothing, and it is asked again.

/** @param {string} address @returns {Promise<Response | null>} null where the server does not answer, or has nothing to say */
export async function fetched(address) {
  try {
    const answer = await fetch(address, { cache: "no-store" });
    return answer.ok ? answer : null;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // which is what a cut line is called
    return null;
  }
}

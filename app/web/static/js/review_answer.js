/* An answer of a desk as the API takes it, and as the journal of this browser holds it. */

/** A decision as the API takes it: its answer by measure, or as a focus. */
export function toSend({ client_id, item, question, answer, following, note, seconds, since, codebook, adjudicates, withdrawn }) {
  if (withdrawn) return { client_id, withdrawn };
  const shows = { yes: true, no: false, cant_tell: null };
  const given = { ...(question === "focus" ? {} : { [question]: answer }), ...following };
  const answers = Object.fromEntries(Object.entries(given).map(([name, word]) => [name, shows[word]]));
  return {
    client_id,
    item,
    ...(question === "focus" ? { focus: answer } : {}),
    ...(Object.keys(answers).length ? { answers } : {}),
    ...(note ? { note } : {}),
    ...(seconds === null ? {} : { seconds }),
    ...(since === undefined ? {} : { since }),
    ...(codebook === undefined ? {} : { codebook }),
    ...(adjudicates ? { adjudicates } : {}),
  };
}

/** The entry of a decision; `text`: the answer in words. */
export function entryOf(decision, { sample, mode, coder, address, text }) {
  const href = `/review/${sample}${mode === "adjudicate" ? "/disagreements" : ""}`;
  return { id: decision.client_id, coder, desk: `${sample} ${mode}`, address, decision, body: toSend(decision), about: `sample ${sample}`, text, href };
}

/** Let a journal hold what a desk of an earlier version has left on this device. */
export function adoptEarlier(journal) {
  journal.adopt(([sample, mode, coder], decision) => entryOf(decision, { sample, mode, coder, address: `/api/v1/samples/${sample}/answers`, text: decision.answer ?? "" }));
}

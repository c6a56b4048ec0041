// The course that a run would have taken without its last change: what it has drawn behind it, faintly.

const FAINT = 0.4;

/**
 * The figure with a faint copy of everything that grows along the run, below it.
 * @param {object} figure of the run in front, or of several runs together
 * @param {number} front the place of the run in front
 * @param {number} ghost that of its ghost
 */
export function withGhost(figure, front, ghost) {
  const grows = (trace) => trace.meta?.follow === "history" && (trace.run ?? 0) === front;
  const copies = figure.data.filter(grows).map((trace, i) => ({
    ...trace,
    run: ghost,
    opacity: FAINT * (trace.opacity ?? 1),
    label: undefined,
    // Named once: its colours say the rest.
    name: i ? `${trace.name} without the change` : "without the change",
    showlegend: i === 0,
  }));
  if (!copies.length) return figure;
  return { ...figure, data: figure.data.toSpliced(figure.data.findIndex(grows), 0, ...copies) };
}

// The runs on a stage, as questions about them need them.

import { OF_THE_DATA, sameUnits } from "../../stage/charts/units.js";

/** @param {import("../../stage/stage.js").Stage | null} stage @returns {import("./truth.js").SeenRun[]} */
export function runsOf(stage) {
  if (!stage) return [];
  const { arrangement, runs, scenes } = stage;
  return runs.list.map(({ scene, epochs, epochLength, columns, stop }, i) => {
    const { learning_rate: learningRate = null, arrival_loss: arrivalLoss = null, units = OF_THE_DATA } = scenes.get(scene) ?? {};
    const name = arrangement.names[i] ?? "";
    return { scene, name, epochs, epochLength, columns, stop, learningRate, arrivalLoss, scaled: !sameUnits(units, OF_THE_DATA) };
  });
}

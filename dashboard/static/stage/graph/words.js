// What is said of the graph at one epoch: the values, gradients and derivatives of `dashboard/stage/living_graph.py`.

import { number, operand, whole } from "../shared/format.js";
import { short, tensor, write } from "../shared/lines.js";

/**
 * @typedef {import("../shared/lines.js").Tensor} Tensor
 * @typedef {{recorded: boolean, value: Tensor, before: Tensor | null, gradient: Tensor | null, leaf: boolean}} TensorNode
 * @typedef {{recorded: boolean, value?: Tensor | null, gradient?: Tensor | null,
 *   saved: Record<string, import("../shared/lines.js").Part>}} OperationNode
 * @typedef {{recorded: boolean, collects: string}} CollectingNode
 * @typedef {{letters: string, values: number[]}} Edge
 * @typedef {{parameter: string, edges: string[], first: number, points: number, total: number}} Chain
 * @typedef {{nodes: Record<string, TensorNode | OperationNode | CollectingNode>, edges: Record<string, Edge>,
 *   chains: Chain[]}} View
 */

/** Digits of what has to share its place with other numbers. */
const FEW = 4;

/** All that is known of a box. @param {TensorNode | OperationNode} node @returns {string[]} */
export function details(name, node) {
  if ("saved" in node) return [`result ${tensor(node.value)}`, `gradient ${tensor(node.gradient)}`, ...kept(node)];
  const gradient = node.leaf ? ".grad" : "gradient";
  return [
    `${name} ${tensor(node.value)}`,
    `${gradient} before backward(): ${tensor(node.before)}`,
    `${gradient} after backward(): ${tensor(node.gradient)}`,
  ];
}

/** What a function keeps, or what it is for. @param {OperationNode | CollectingNode} node @returns {string[]} */
export function kept(node) {
  if ("collects" in node) return [`adds to ${node.collects}.grad`];
  if (!node.recorded) return ["not recorded: no gradient is asked for here"];
  const saved = Object.entries(node.saved).map(([key, part]) => `saved ${key}: ${write([part])}`);
  return saved.length ? saved : ["nothing saved"];
}

/**
 * What all functions keep, in a line for each that does.
 * @param {{function: string | null, functionLabel: string, label: string}[]} boxes
 * @param {View["nodes"]} nodes
 */
export function keptByAll(boxes, nodes) {
  return boxes.flatMap(({ function: name, functionLabel, label }) => {
    const saved = Object.entries(nodes[name]?.saved ?? {}).map(([key, part]) => `${key} ${write([part])}`);
    return saved.length ? [`${functionLabel || label}: ${saved.join(", ")}`] : [];
  });
}

/** The derivative along an edge in numbers: one that holds for all points, or that of the first. @param {Edge} edge */
export function derivative({ values }) {
  const texts = new Set(values.map((value) => number(value, FEW)));
  const [first] = texts;
  return texts.size === 1 ? first : `${first}, …`;
}

/** The chain rule in letters, for the first point, and in all. @param {Chain} chain @param {View} view @param {string} root */
export function chainRule({ parameter, edges, first, points, total }, view, root) {
  const way = edges.map((key) => view.edges[key]);
  const letters = way.map((edge) => edge.letters || "1").map((factor) => (/[ ·]/.test(factor) ? `(${factor})` : factor));
  const factors = way.map(({ values }) => operand(values[0], FEW));
  return [
    `∂${root === "changing loss" ? "loss" : root}/∂${parameter}: ${letters.join(" × ")}`,
    `point 1: ${factors.join(" × ")} = ${number(first, FEW)}`,
    `sum over ${whole(points)} point${points === 1 ? "" : "s"} ≈ ${number(total, 5)}; ${parameter}.grad = ${short(view.nodes[parameter].gradient)}`,
  ];
}

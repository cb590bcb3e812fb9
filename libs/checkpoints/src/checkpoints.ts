/** Named `service.flow.place`, e.g. `token.refresh.after-truth`. */
export interface Checkpoints {
  reach(name: string): void | Promise<void>;
}

export const NO_CHECKPOINTS: Checkpoints = { reach: () => undefined };

/** The face in use, stdio or HTTP: lets the calls in flight end, then closes. */
export interface RunningFace {
  close(): Promise<void>;
}

/** What is asked of a queue's message: the part of the platform's `Message` that the consumer speaks to. */
export interface Delivery {
  readonly body: unknown;
  /** Deliveries so far, this one included. */
  readonly attempts: number;
  readonly timestamp: Date;
  ack(): void;
  retry(options: { readonly delaySeconds: number }): void;
}

export interface Batch {
  readonly messages: readonly Delivery[];
}

/** How much shorter timeouts are: a Worker's database timeout of 10 s is then 2 s. */
const TIMEOUT_DIVISOR = 5;

/** Source of a module that sets a Worker's clock wrong by `offsetMs` and makes its timeouts short. */
export const skewedClock = (offsetMs: number): string => `const RealDate = Date;
globalThis.Date = class Date extends RealDate {
  constructor(...values) {
    if (values.length === 0) super(RealDate.now() + ${offsetMs});
    else super(...values);
  }
  static now() {
    return RealDate.now() + ${offsetMs};
  }
};
const timeout = AbortSignal.timeout.bind(AbortSignal);
AbortSignal.timeout = (ms) => timeout(ms / ${TIMEOUT_DIVISOR});
`;

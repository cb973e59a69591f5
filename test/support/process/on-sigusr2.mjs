/**
 * To be imported before the gateway: what SIGUSR2 has it do then, by SIGUSR2_DOES. `throw` and `reject`: an error that nobody catches;
 * `throw-always`: that, and another every 20 ms; `memory`: takes 300 MB, and gives them back the next time.
 */
const ERROR = () => new Error('nobody expects this');
let held;

const DOES = {
  throw: () => {
    throw ERROR();
  },
  reject: () => void Promise.reject(ERROR()),
  'throw-always': () =>
    setInterval(() => {
      throw ERROR();
    }, 20),
  memory: () => (held = held ? undefined : Buffer.alloc(300 * 1024 * 1024, 1)),
};

process.on('SIGUSR2', DOES[process.env.SIGUSR2_DOES]);

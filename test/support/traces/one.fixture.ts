import { leavesTraces } from './leaves-traces.ts';

leavesTraces();

import { Injectable } from '@nestjs/common';
import { type Admission, Admissions, type Refused } from '../../throttler/admissions.service.js';
import type { ToolCall } from '../tool-call.js';
import type { NextStep, Outcome, ToolStep } from '../tool-step.js';

/** Takes a place among the calls in flight, and one call of the limits of its client and of the system, unless the face has done so. */
@Injectable()
export class AdmissionStep implements ToolStep {
  constructor(private readonly admissions: Admissions) {}

  run(call: ToolCall, next: NextStep): Outcome {
    if (call.admission) return begin(call.admission, call, next);
    const admitted = this.admissions.admit(call.context, call.signal, call.whenFull);
    return admitted instanceof Promise ? admitted.then((later) => go(later, call, next)) : go(admitted, call, next);
  }
}

function go(admitted: Admission | Refused, call: ToolCall, next: NextStep): Outcome {
  call.limits = admitted.limits;
  if ('refusal' in admitted) return admitted.refusal;
  call.admission = admitted;
  return begin(admitted, call, next);
}

function begin({ slot }: Admission, call: ToolCall, next: NextStep): Outcome {
  slot.start();
  call.onAdmitted?.();
  return next(call);
}

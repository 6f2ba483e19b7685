import { defineCase, type CaseKind, type ConformanceCase, type Group } from '../run/Case.js';
import { checkGradient, checkJvp, checkValue, type SubjectOptions } from './subjectChecks.js';
import type { Subject } from './Subject.js';

/** Which cases to make of a subject. */
export interface SubjectCaseOptions extends SubjectOptions {
  /** Default is value, gradient and jvp. */
  readonly kinds?: readonly Extract<CaseKind, 'value' | 'gradient' | 'jvp'>[];
  readonly mayDeviate?: boolean;
}

/** The value, gradient and jvp cases of a subject. */
export function subjectCases(group: Group, subject: Subject, options: SubjectCaseOptions = {}): ConformanceCase[] {
  const { kinds = ['value', 'gradient', 'jvp'], mayDeviate = false } = options;
  const checks = { value: checkValue, gradient: checkGradient, jvp: checkJvp };
  return kinds
    .filter((kind) => kind === 'value' || subject.differentiable !== false)
    .map((kind) =>
      defineCase(
        {
          name: `${subject.op}: ${kind}${subject.title && `, ${subject.title}`}`,
          group,
          op: subject.op,
          kind,
          mayDeviate,
        },
        (check) => checks[kind](check, subject, options),
      ),
    );
}

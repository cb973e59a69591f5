/** One thing that is wrong with the arguments of a call: the field as a person writes it (`due.date`, `assignees[0]`) and what to change. */
export interface Problem {
  readonly field: string;
  readonly issue: string;
}

/** The problem as words: `title is required`, `priority: must be one of low, high`. */
export function problemToText({ field, issue }: Problem): string {
  return issue === 'required' ? `${field} is required` : `${field}: ${issue}`;
}

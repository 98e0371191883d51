import type { SlipAnswer, SlipQuestion } from '../../protocol/slips';

type Asked = Pick<SlipQuestion, 'id' | 'options'>;

/** Whether this answer is nothing without words. */
export function wantsText(question: Asked, choice: string): boolean {
  return question.options.find((one) => one.id === choice)?.needs_text ?? false;
}

export function isComplete(questions: readonly Asked[], answers: readonly SlipAnswer[]): boolean {
  return questions.every((question) => {
    const answer = answers.find((one) => one.question === question.id && one.choice !== '');
    return answer !== undefined && (!wantsText(question, answer.choice) || answer.text.trim() !== '');
  });
}

/** A whole sheet as one word for the outbox: the same answers are the same word, so that a retry is one. */
export function packed(questions: readonly Asked[], answers: readonly SlipAnswer[]): string {
  const inOrder = questions.flatMap((question) => answers.filter((one) => one.question === question.id));
  return JSON.stringify(inOrder.map(({ question, choice, text }) => ({ question, choice, text: text.trim() })));
}

export function unpacked(word: string): SlipAnswer[] {
  return JSON.parse(word) as SlipAnswer[];
}

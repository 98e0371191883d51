import { tick } from 'svelte';

/** After a form was not accepted: to the first field that says why, for the keyboard and for the ear. */
export async function toFirstWrong(form: HTMLElement): Promise<void> {
  await tick();
  form.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
}

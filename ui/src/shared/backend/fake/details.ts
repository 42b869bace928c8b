// What the made-up shops refuse of a member's details, as the store does.
import { Refused } from "../index";

const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;
const BIRTHDAY = /^((\d{4}-)?(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01]))?$/;

/** Refuses an email or a birthday that is none; answers the birthday. */
export function readDetails({ email, birthday }: { email: string; birthday: string }): string {
  if (email && !EMAIL.test(email)) throw new Refused("bad_email", "email", email);
  if (!BIRTHDAY.test(birthday)) throw new Refused("bad_birthday", "birthday", birthday);
  return birthday;
}

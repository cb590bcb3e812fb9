import { CSRF_FIELD } from '../../cookies/form-guard.js';
import { type Html, html } from '../../pages/html.js';

export function csrfField(csrf: string): Html {
  return html`<input type="hidden" name="${CSRF_FIELD}" value="${csrf}">`;
}

export function hiddenFields(fields: Readonly<Record<string, string>>): Html[] {
  return Object.entries(fields).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`);
}

/** So that a password manager knows whose password is asked for; the person knows. */
export function usernameForManagers(username: string): Html {
  return html`<input type="text" name="username" value="${username}" autocomplete="username" aria-label="Username" readonly hidden>`;
}

export function noticeLine(text: string | null): Html | null {
  return text === null ? null : html`<p class="notice" role="status">${text}</p>`;
}

export function alertLine(text: string | null): Html | null {
  return text === null ? null : html`<p class="alert" role="alert" id="error">${text}</p>`;
}

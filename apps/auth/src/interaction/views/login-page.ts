import { CSRF_FIELD } from '../../cookies/form-guard.js';
import { html } from '../../pages/html.js';

export interface LoginPage {
  readonly action: string;
  /** null: there is nowhere to go back to. */
  readonly cancel: string | null;
  readonly csrf: string;
  /** Sent along unseen. */
  readonly fields?: Readonly<Record<string, string>>;
  readonly client: string;
  readonly username: string;
  readonly remember: boolean;
  readonly error: string | null;
}

/** One form, two fields. The error is announced, named by both fields, and says nothing of which of them was wrong. */
export function loginPage({ action, cancel, csrf, fields = {}, client, username, remember, error }: LoginPage) {
  const invalid = error ? html` aria-invalid="true" aria-describedby="error"` : '';
  const first = username === '' ? html` autofocus` : '';
  const second = username === '' ? '' : html` autofocus`;
  return html`<h1>Sign in</h1>
<p class="soft">to continue to <strong>${client}</strong></p>
${error && html`<p class="alert" role="alert" id="error">${error}</p>`}
<form method="post" action="${action}">
<input type="hidden" name="${CSRF_FIELD}" value="${csrf}">${Object.entries(fields).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
<div class="field"><label for="username">Username</label>
<input type="text" id="username" name="username" value="${username}" autocomplete="username" autocapitalize="none" spellcheck="false" maxlength="255" required${invalid}${first}></div>
<div class="field"><label for="password">Password</label>
<input type="password" id="password" name="password" autocomplete="current-password" maxlength="1024" required${invalid}${second}></div>
<label class="check" for="remember"><input type="checkbox" id="remember" name="remember" value="yes"${remember && html` checked`}>
<span>Remember me<br><span class="soft small">Stay signed in on this device. Not on a device you share.</span></span></label>
<div class="actions">
<button type="submit">Sign in</button>
${cancel && html`<button type="submit" class="quiet" formaction="${cancel}" formnovalidate>Cancel</button>`}
</div>
</form>`;
}
